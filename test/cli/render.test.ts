import assert from "node:assert/strict";
import { test } from "node:test";
import { progressBar, type Sample, speedOf, withSample } from "../../src/cli/render/progress-bar.ts";
import { renderTable } from "../../src/cli/render/table.ts";
import { formatPeriod, formatWhen } from "../../src/cli/render/time.ts";
import { wrapText } from "../../src/cli/render/wrap.ts";
import { createScreen } from "../../src/cli/screen.ts";
import { textWidth } from "../../src/domain/text-width.ts";
import { paper, sheet } from "./paper.ts";

const columns = [
  { title: "NAME", flexible: true },
  { title: "SIZE", right: true },
  { title: "EMPTY" },
  { title: "WHY", flexible: true },
];
const row = (...texts: string[]) => texts.map((text) => ({ text }));

test("a table is aligned by what is seen, and leaves empty columns and spaces at the end out", () => {
  const { screen } = paper();
  const rows = [row("web", "1.0 KiB", "", "a"), row("日本", "20 B", "", "")];

  assert.equal(renderTable(columns, rows, screen), "NAME     SIZE  WHY\nweb   1.0 KiB  a\n日本     20 B");
});

test("a table fits the terminal: the widest column that may give way does", () => {
  const { screen } = paper({ plain: true }, 40);
  const text = renderTable(
    columns,
    [row("web", "1.0 KiB", "", "because of ".repeat(9)), row("x", "", "", "y")],
    screen,
  );

  assert.ok(
    text.split("\n").every((line) => textWidth(line) <= 40),
    text,
  );
  assert.match(text, /because of bec.*…/);
});

test("a cell cannot break the table or drive the terminal", () => {
  const text = renderTable(columns, [row("a\nb", "\u001b[31m", "", "")], paper().screen);

  assert.equal(text.split("\n").length, 2);
  assert.ok(!text.includes("\u001b"));
});

test("periods and moments are short", () => {
  const periods = [0, 40, 59_940, 59_960, 61_000, 3_600_000, 7_440_000, 86_400_000 * 2 + 3_600_000].map(formatPeriod);
  const moments = [0, -999, -12_000, -90_000, 3_600_000, -86_400_000 * 3].map((away) =>
    formatWhen(10 ** 12 + away, 10 ** 12),
  );

  assert.deepEqual(periods, ["0.0s", "0.0s", "59.9s", "1m 00s", "1m 01s", "1h 00m", "2h 04m", "2d 1h"]);
  assert.deepEqual(moments, ["just now", "just now", "12s ago", "2m ago", "in 1h", "3d ago"]);
});

test("a progress bar tells share, amounts, speed and what is left", () => {
  const mebibyte = 1024 ** 2;
  const samples: Sample[] = [
    { at: 0, done: 0 },
    { at: 2000, done: 4 * mebibyte },
  ];

  assert.equal(progressBar(samples, 8 * mebibyte, 8), "[████░░░░]   50%  4.0 MiB of 8.0 MiB  2.0 MiB/s  2.0s left");
  assert.equal(progressBar(samples, undefined), "4.0 MiB  2.0 MiB/s");
  assert.equal(progressBar([], 100, 4), "[░░░░]    0%  0 B of 100 B");
  assert.equal(progressBar([{ at: 0, done: 200 }], 100, 4), "[████]  100%  200 B of 100 B");
});

test("speed is what was done lately; a download that begins anew begins a new count", () => {
  let samples: readonly Sample[] = [];
  for (let at = 0; at <= 20_000; at += 1000)
    samples = withSample(samples, { at, done: at < 10_000 ? 0 : (at - 10_000) * 3 });

  assert.equal(speedOf(samples), 3000);
  assert.deepEqual(withSample(samples, { at: 21_000, done: 5 }), [{ at: 21_000, done: 5 }]);
  assert.equal(speedOf([{ at: 0, done: 1 }]), undefined);
});

test("text is broken at spaces, never inside a word", () => {
  assert.deepEqual(wrapText("one two three four five six seven eight", 30), [
    "one two three four five six",
    "seven eight",
  ]);
  assert.deepEqual(wrapText("x".repeat(50), 30), ["x".repeat(50)]);
});

test("colours: on a terminal only, unless told otherwise", () => {
  const look = (columnsOf: number | undefined, settings: Record<string, unknown>) => {
    const screen = createScreen(sheet(columnsOf), sheet(), {
      json: false,
      quiet: false,
      plain: false,
      environment: {},
      ...settings,
    });
    return screen.paint("red", "x") !== "x";
  };

  assert.deepEqual(
    [
      look(80, {}),
      look(undefined, {}),
      look(80, { plain: true }),
      look(80, { json: true }),
      look(80, { environment: { NO_COLOR: "1" } }),
      look(80, { environment: { NO_COLOR: "" } }),
      look(80, { environment: { TERM: "dumb" } }),
      look(undefined, { environment: { FORCE_COLOR: "1" } }),
      look(80, { environment: { FORCE_COLOR: "0" } }),
      look(80, { environment: { FORCE_COLOR: "1", NO_COLOR: "1" } }),
    ],
    [true, false, false, false, false, true, false, true, false, false],
  );
});
