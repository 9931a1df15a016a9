import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Client } from "./client.ts";
import type { Fleet } from "./fleet.ts";
import { paint, redraw, type Style } from "./screen.ts";
import type { Host } from "./world.ts";

const frame = 20;
const cell = 9;

/** Draws the fleet until `over`: on a terminal one row that lives, in a pipe a row for each change. */
export async function drawWhile(
  hosts: readonly Host[],
  { fleet, client, wanted }: { readonly fleet: Fleet; readonly client: Client; readonly wanted: string },
  over: Promise<unknown>,
): Promise<void> {
  const running = { is: true };
  const watched = over.finally(() => {
    running.is = false;
  });
  watched.catch(() => undefined);
  const row = () => rowOf(hosts, fleet.turns(), client.answers(), wanted);
  console.log(hosts.map(({ name }) => name.padStart(cell)).join(""));
  const begun = performance.now();
  const picture = redraw();
  while (running.is) {
    if (client.answers().size > 0) picture.show(row(), (performance.now() - begun) / 1000);
    await sleep(frame);
  }
  picture.end(row(), (performance.now() - begun) / 1000);
  await watched;
}

/** "[ ]" around the host whose turn it is. */
function rowOf(
  hosts: readonly Host[],
  turns: ReadonlySet<string>,
  answers: ReadonlyMap<string, Answer>,
  wanted: string,
): string {
  return hosts
    .map(({ name }) => {
      const [word, style] = wordFor(answers.get(name), wanted);
      const text = turns.has(name) ? `[${word}]` : `${word} `;
      return paint(style, text.padStart(cell));
    })
    .join("");
}

function wordFor(answer: Answer | undefined, wanted: string): readonly [string, Style] {
  if (answer === undefined) return ["–", "dim"];
  if (answer === "refused") return ["down", "red"];
  if (answer === "error") return ["ill", ["red", "bold"]];
  return answer.version === wanted ? [answer.version, "green"] : [answer.version, "yellow"];
}
