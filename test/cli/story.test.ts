import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationEvent } from "../../src/agent/operations.ts";
import { tellStory } from "../../src/cli/render/story.ts";
import { paper } from "./paper.ts";

/** Tells events a second apart, and gives what a person would have read. */
function told(events: readonly OperationEvent[], settings = {}, columns?: number) {
  const { screen, out, err } = paper(settings, columns);
  let clock = 0;
  const story = tellStory(screen, () => clock);
  for (const event of events) {
    story.onEvent(event);
    clock += 1000;
  }
  story.end();
  return { out: out(), err: err(), story };
}

const events: readonly OperationEvent[] = [
  { type: "state", service: "web", state: "fetching" },
  { type: "progress", service: "web", progress: { state: "fetching", done: 1024, total: 4096 } },
  { type: "progress", service: "web", progress: { state: "fetching", done: 2048, total: 4096 } },
  { type: "state", service: "web", state: "running-after-hooks" },
  {
    type: "evidence",
    service: "web",
    line: {
      at: 0,
      state: "running-after-hooks",
      source: "script (web.hcl:8:3)",
      outcome: "failed",
      text: "one\ntwo\u001b[2J\n",
    },
  },
  { type: "state", service: "web", state: "finishing" },
  { type: "state", service: "web", state: "idle" },
];

test("in a pipe: a line at each change of state, and what went wrong", () => {
  const { out, story } = told(events);

  assert.equal(
    out,
    `    0.0s  web  downloading
    3.0s  web  running the after hooks
          script (web.hcl:8:3): failed
          │ one
          │ two\ufffd[2J
`,
  );
  assert.equal(story.showed("web"), true);
  assert.equal(story.showed("api"), false);
});

test("what went well is not repeated, and long output is cut to its end", () => {
  const line = { at: 0, state: "running-after-hooks", source: "s", text: "x" } as const;
  const quiet = told([{ type: "evidence", service: "web", line: { ...line, outcome: "done" } }]);
  const text = Array.from({ length: 20 }, (_, at) => `line ${at + 1}`).join("\n");
  const loud = told([{ type: "evidence", service: "web", line: { ...line, outcome: "failed", text } }]);

  assert.equal(quiet.out, "");
  assert.match(loud.out, /… 12 lines before\n +│ line 13\n/);
});

test("on a terminal: one line lives, and nothing of it stays when the story ends", () => {
  const { out } = told(events.slice(0, 3), {}, 200);
  const frames = out.split("\u001b[1A\r\u001b[J");

  assert.match(frames[0] ?? "", /0\.0s {2}web {2}downloading …\n/);
  assert.match(
    frames.at(-2) ?? "",
    /downloading {2}\[█+░+\] {3}50% {2}2\.0 KiB of 4\.0 KiB {2}1\.0 KiB\/s {2}2\.0s left\n/,
  );
  assert.equal(frames.at(-1), "");
});

test("a line on a narrow terminal never wraps: it would not be erased", () => {
  const { out } = told(events.slice(0, 3), {}, 40);

  for (const line of out.replaceAll("\u001b[1A\r\u001b[J", "").split("\n")) assert.ok(line.length < 40, line);
});

test("two services at once have a line each", () => {
  const both = told(
    [
      { type: "state", service: "a", state: "fetching" },
      { type: "state", service: "b", state: "staging" },
    ],
    {},
    80,
  );

  assert.match(both.out, /a {2}downloading …\n.*b {2}unpacking …\n\u001b\[2A\r\u001b\[J$/);
});

test("with --json every event is a document on a line of its own; with --quiet there is nothing", () => {
  const { out } = told(events, { json: true });

  assert.deepEqual(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    events,
  );
  assert.equal(told(events, { quiet: true }).out, "");
});

test("why an update waits for its fleet is told when it is said, with what to do", () => {
  const waiting = { why: "paused", sentence: "ann@laptop paused the rollout.", remedy: "Say resume." } as const;
  const { out } = told([
    { type: "state", service: "web", state: "acquiring" },
    { type: "waiting", service: "web", waiting },
  ]);

  assert.equal(
    out,
    `    0.0s  web  waiting for its turn in the fleet
    1.0s  web  waits: ann@laptop paused the rollout.
          next: Say resume.
`,
  );
});
