import type { HttpAnswer } from "../../../platform/ports.ts";

/** A line holds one event with one value; more than this is none. */
const longestLine = 4 * 1024 * 1024;

/** The lines of a body as they come, whatever the borders of its parts; what stands after the last line end is not one. */
export async function* linesOf(body: HttpAnswer["body"]): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
    if (rest.length > longestLine) return;
  }
}
