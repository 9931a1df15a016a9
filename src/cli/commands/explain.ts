import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand } from "../command.ts";
import { explainTopics } from "../explain-topics.ts";

export const explain = defineCommand({
  name: "explain",
  summary:
    "Tell what a configuration may hold: its blocks, repositories, rollouts, locks, hooks, probes, archives and templates.",
  operands: [
    { name: "topic", required: false, words: explainTopics },
    { name: "name", required: false },
  ],
  examples: [
    ["dropship explain", "the shape of a configuration"],
    ["dropship explain service", "what a service may hold"],
    ["dropship explain repo s3", "one repository: its repo block and its artifact block"],
    ["dropship explain hook script", "one hook"],
    ["dropship explain rollout", "how the hosts of a fleet take turns"],
  ],
  json: '{ "sections": [{ title, summary, options: [{ name, type, summary, required, default, … }], text }, …] }',
  async run({ screen }, { operands: { topic, name } }) {
    const { explanationOf } = await import("../explanation.ts");
    const { json, text } = explanationOf(topic, name, screen);
    if (screen.json) screen.printJson(json);
    else screen.print(text);
    return exitCodes.done;
  },
});
