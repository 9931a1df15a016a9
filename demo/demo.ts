// npm run demo: a real web service is updated, goes bad and is rolled back, by the real agent, in a folder of its own.

import { type ActiveState, workflow } from "../src/update/states.ts";
import { type Agent, dropship, type LogLine, startAgent } from "./agent.ts";
import { type Client, type Experience, startClient } from "./client.ts";
import { aside, bad, chapter, command, good, output, say, title } from "./screen.ts";
import { createWorld, type GreeterRelease, type World } from "./world.ts";

const keep = process.argv.includes("--keep");
const world = await openWorld();
let agent: Agent | undefined;
let client: Client | undefined;
let ending = false;
/** A command tells the update itself. */
let quiet = false;
/** The steps of the part of an update that is going on, until the next part begins. */
let part: { name: string; outcomes: string[]; begun: number } | undefined;
let partBegun = 0;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    console.log("\nStopping …");
    void cleanUp().finally(() => process.exit(130));
  });
}

// Nobody listens any more ("npm run demo | head").
process.stdout.once("error", () => {
  process.stdout.on("error", () => undefined);
  if (!ending) void cleanUp().finally(() => process.exit(1));
});

try {
  await tellTheStory(world);
} catch (error) {
  // What fails because everything is being stopped is no news.
  if (!ending) {
    bad(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
} finally {
  if (!ending) await cleanUp();
}

async function tellTheStory({ folder, configFile, serviceText, url }: World): Promise<void> {
  const run = async (...words: string[]) => {
    command(`dropship ${words.join(" ")}`);
    output(await dropship(configFile, ...words));
  };

  title("Dropship in a minute");
  await say(`All of it happens in ${folder}, as your own user. Nothing is simulated.`);

  await chapter("One file says how a service is kept up to date");
  command("cat services/greeter.hcl");
  output(serviceText.replaceAll(folder, "…"));
  await say("");
  command("dropship agent &");
  agent = await startAgent(configFile, tellLine);

  await chapter("Version 1 is put where the agent looks");
  await publish({ version: "1.0", text: "Hello from version 1" }, "updated");
  client = startClient(url);
  command(`curl ${url}`);
  output(await (await fetch(url)).text());
  await say("\nFrom now on a client asks 50 times a second, without ever trying again.");

  await chapter("Version 2 replaces it");
  await publish({ version: "2.0", text: "Hello from version 2" }, "updated");
  tellExperience(client.experience());
  await run("status");

  await chapter("Version 3 is broken: somebody forgot a file");
  await publish({ version: "3.0", text: "", incomplete: true }, "rolled-back");
  tellExperience(client.experience());
  await say("\nIt went back by itself. What runs, and what was refused:");
  await run("status");
  await say("\nAnd why? The evidence was kept:");
  await run("logs", "greeter");

  await chapter("Version 4 is good again");
  await publish({ version: "4.0", text: "Hello from version 4" }, "updated");
  tellExperience(client.experience());
  await run("history", "greeter");

  await chapter("Back to version 2 by hand: it is still here, nothing is downloaded");
  quiet = true;
  await run("rollback", "greeter");
  tellExperience(client.experience());

  title("Your turn");
  console.log(`Keep this folder and play on:   npm run demo -- --keep
Your own service, step by step:  docs/guide/getting-started.md
The same with S3:                docs/guide/s3.md
What can be configured:          npx dropship explain
`);
}

/** Uploads a release and waits until the agent is done with it. */
async function publish(release: GreeterRelease, expected: string): Promise<void> {
  const done = agent?.nextUpdate();
  for (const line of world.publish(release)) command(line);
  const { outcome, problem, remedy } = (await done) ?? {};
  if (outcome === expected) return;
  throw new Error(
    `This update was to end as "${expected}" and ended as "${outcome}".\n  ${problem ?? ""}\n  ${remedy ?? ""}`,
  );
}

/** The folder of the demo, or the end of it with a sentence. */
async function openWorld(): Promise<World> {
  try {
    return await createWorld();
  } catch (error) {
    bad(`The demo cannot make its folder: ${error instanceof Error ? error.message : error}`);
    console.log("  TMPDIR names the folder in which it is made.");
    process.exit(1);
  }
}

function tellLine({ event, level, state, outcome, problem }: LogLine): void {
  if (ending || quiet) return;
  if (event === "an update begins") partBegun = performance.now();
  else if (event === "a state of the update ended" && state !== undefined && state in workflow) {
    const { part: name } = workflow[state as ActiveState];
    if (part?.name !== name) tellPart();
    part ??= { name, outcomes: [], begun: partBegun };
    part.outcomes.push(wordsFor(state, outcome ?? ""));
    if (state === "finishing") tellPart();
  } else if (level === "error" && event !== "an update ended")
    aside(problem === undefined ? event : `${event}: ${problem}`);
}

function tellPart(): void {
  if (part) {
    const seconds = ((performance.now() - part.begun) / 1000).toFixed(1);
    aside(`${part.name.padEnd(9)} │ ${part.outcomes.join(", ")} (${seconds} s)`);
  }
  part = undefined;
  partBegun = performance.now();
}

/** "running-before-hooks" and "done" are "before hooks done"; most outcomes speak for themselves. */
function wordsFor(state: string, outcome: string): string {
  const words = outcome.replaceAll("-", " ");
  return outcome === "done" ? `${state.replace("running-", "").replaceAll("-", " ")} ${words}` : words;
}

function tellExperience({ answered, errors, refused, longestGap }: Experience): void {
  const good_ = [...answered].map(([version, count]) => `${count} good answers from ${version}`).join(", ");
  good(`The client got ${good_ || "no good answer"}.`);
  if (refused > 0) bad(`${refused} requests met a closed door while the service was stopped.`);
  if (errors > 0) bad(`${errors} requests were answered with an error by the broken release.`);
  if (refused + errors > 0) console.log(`  Longest time without a good answer: ${Math.round(longestGap)} ms.`);
}

async function cleanUp(): Promise<void> {
  ending = true;
  client?.stop();
  await agent?.stop();
  if (keep && process.exitCode === undefined) {
    console.log(`Kept: ${world.folder} (DROPSHIP_CONFIG=${world.configFile} npx dropship status)`);
    return;
  }
  world.destroy();
}
