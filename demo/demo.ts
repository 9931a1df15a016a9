// npm run demo: five hosts take turns, a bad release is stopped at the first of them, by the real agent, in a folder of its own.

import { dropship } from "./agent.ts";
import { type Cleaner, startCleaner } from "./cleaner.ts";
import { type Client, type Experience, startClient } from "./client.ts";
import { type Fleet, startFleet, type Told } from "./fleet.ts";
import { drawWhile } from "./picture.ts";
import { aside, bad, chapter, command, good, output, say, title } from "./screen.ts";
import { createWorld, type GreeterRelease, type Host, type World } from "./world.ts";

const keep = process.argv.includes("--keep");
const world = await openWorld();
const { hosts } = world;
const cleaner: Cleaner = startCleaner(world.folder);
let fleet: Fleet | undefined;
let client: Client | undefined;
let ending = false;

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
  await tellTheStory();
} catch (error) {
  // What fails because everything is being stopped is no news.
  if (!ending) {
    bad(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
} finally {
  if (!ending) await cleanUp();
}

async function tellTheStory(): Promise<void> {
  const { folder } = world;
  const [first] = hosts as [Host, ...Host[]];

  title("Dropship in a minute");
  await say(`Five hosts, all on this machine, in ${folder}, as your own user. Nothing is simulated.`);

  await chapter("One file on each host says how a service is kept up to date");
  command(`cat ${first.name}/services/greeter.hcl`);
  output(first.serviceText.replaceAll(folder, "…"));
  await say("");
  command("dropship agent &", "on each");
  fleet = await startFleet(hosts, (host, problem) => ending || aside(host, problem));

  await chapter("Version 1 is put where the agents look");
  client = startClient(hosts);
  tellParts(await rollOut(fleet, client, { version: "1.0", text: "Hello from version 1" }));
  client.stop();
  command(`curl ${first.url}`);
  output(await (await fetch(first.url)).text());
  client = startClient(hosts);
  await say("\nFrom now on a client asks all five at once, 40 times a second, without ever trying again.");

  await chapter("Version 2 goes through the fleet, one host at a time");
  await rollOut(fleet, client, { version: "2.0", text: "Hello from version 2" });
  tellExperience(client.experience());

  await chapter("Version 3 is broken: somebody forgot a file");
  const canary = await publishBad(fleet, client, { version: "3.0", text: "", incomplete: true });
  const lived = client.experience();
  tellExperience(lived);
  const stricken = [...lived.errors.keys()].filter((name) => name !== canary.name);
  if (stricken.length > 0) throw new Error(`The bad release was to stop at ${canary.name}, and reached ${stricken}.`);
  await say(
    `\n${canary.name} took it and went back by itself; the other four never took it. What the fleet says of it:`,
  );
  await run(first, "rollout", "greeter");
  await say(`\nAnd why? ${canary.name} kept the evidence:`);
  await run(canary, "logs", "greeter");

  await chapter("Version 4 is mended");
  await rollOut(fleet, client, { version: "4.0", text: "Hello from version 4" });
  tellExperience(client.experience());
  await run(canary, "history", "greeter");

  await chapter(`One host goes back by hand: the release is still there, nothing is downloaded`);
  await run(first, "rollback", "greeter");
  tellExperience(client.experience());
  tellAll(client.all());

  title("Your turn");
  console.log(`Keep this folder and play on:    npm run demo -- --keep
Your own service, step by step:  docs/guide/getting-started.md
Hosts that take turns:           docs/guide/rollouts.md
The same with S3:                docs/guide/s3.md
What can be configured:          npx dropship explain
`);
}

/** Uploads a release and shows how it goes through the fleet; the first update that ended. */
async function rollOut(fleet: Fleet, client: Client, release: GreeterRelease): Promise<Told> {
  const before = fleet.history().length;
  for (const line of world.publish(release)) command(line);
  const since = () => fleet.history().slice(before);
  const isUp = (name: string) => {
    const answer = client.answers().get(name);
    return typeof answer === "object" && answer.version === release.version;
  };
  const all = fleet.until(`all five run version ${release.version}`, () => {
    const gone = since().find(({ outcome }) => outcome !== "updated" && outcome !== "superseded");
    if (gone) throw new Error(`On ${gone.host} an update ended as "${gone.outcome}": ${gone.problem}`);
    return hosts.every(
      ({ name }) => isUp(name) && since().findLast(({ host }) => host === name)?.outcome === "updated",
    );
  });
  await drawWhile(hosts, { fleet, client, wanted: release.version }, all);
  return since().find(({ outcome }) => outcome === "updated") as Told;
}

/** Uploads a release that goes bad; the host that tried it. */
async function publishBad(fleet: Fleet, client: Client, release: GreeterRelease): Promise<Host> {
  const before = fleet.history().length;
  for (const line of world.publish(release)) command(line);
  const since = () => fleet.history().slice(before);
  const left = new Set(["halted", "denied"]);
  const halted = fleet.until("the rollout is halted", () => {
    const refusing = [...fleet.waits().values()].filter((why) => left.has(why)).length;
    return since().some(({ outcome }) => outcome === "rolled-back") && refusing === hosts.length - 1;
  });
  await drawWhile(hosts, { fleet, client, wanted: release.version }, halted);
  const told = since().find(({ outcome }) => outcome === "rolled-back") as Told;
  tellParts(told);
  return hosts.find(({ name }) => name === told.host) as Host;
}

async function run(host: Host, ...words: string[]): Promise<void> {
  command(`dropship ${words.join(" ")}`, host.name);
  output(await dropship(host.configFile, ...words));
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

function tellParts({ host, parts }: Told): void {
  console.log(`\nHow it went on ${host}, the first:`);
  for (const part of parts) aside(host, part);
}

function tellExperience({ answered, errors, refused, mostDown }: Experience): void {
  const versions = [...answered].map(([version, count]) => `${count} good answers from ${version}`).join(", ");
  good(`The client got ${versions || "no good answer"}; ${downAtOnce(mostDown)}.`);
  if (refused > 0) bad(`${refused} requests met a closed door while a host was stopped.`);
  for (const [host, count] of errors)
    bad(`${count} requests were answered with an error by the broken release on ${host}.`);
}

function tellAll({ rounds, mostDown }: Experience): void {
  good(`In all, the client asked all five ${rounds} times: ${downAtOnce(mostDown)}.`);
}

function downAtOnce(most: number): string {
  return `never more than ${most} of ${hosts.length} hosts was down at once`;
}

async function cleanUp(): Promise<void> {
  ending = true;
  client?.stop();
  await fleet?.stop();
  if (!keep || process.exitCode !== undefined) return cleaner.clean();
  await cleaner.keep();
  console.log(`Kept: ${world.folder}, and the five services run.
  DROPSHIP_CONFIG=${hosts[0]?.configFile} npx dropship status
  The end of it: kill $(cat ${world.folder}/*/greeter.pid); rm -r ${world.folder}`);
}
