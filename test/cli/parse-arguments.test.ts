import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commands } from "../../src/cli/commands.ts";
import { numberOf, parseArguments } from "../../src/cli/parse-arguments.ts";
import { Failure } from "../../src/domain/failures/failure.ts";

function parse(...words: string[]) {
  const { command, operands, flags } = parseArguments(words, commands);
  return { command: command?.name, operands, flags };
}

test("global flags may stand before and behind the command, long and short", () => {
  const expected = { command: "update", operands: { service: "web" }, flags: { config: "/x", json: "", quiet: "" } };

  assert.deepEqual(parse("--config", "/x", "update", "web", "--json", "-q"), expected);
  assert.deepEqual(parse("-c", "/x", "update", "--json", "--quiet", "web"), expected);
  assert.deepEqual(parse("update", "--json", "-q", "web", "--config=/x"), expected);
});

test("words behind -- are no flags", () => {
  assert.deepEqual(parse("status", "--", "--web").operands, { service: "--web" });
});

test("no command, with or without flags", () => {
  assert.equal(parse().command, undefined);
  assert.deepEqual(parse("--help"), { command: undefined, operands: {}, flags: { help: "" } });
});

test("--help does not ask for what the command needs", () => {
  assert.equal(parse("rollback", "--help").command, "rollback");
});

const mistakes: readonly [words: string[], code: string, sentence: RegExp][] = [
  [["stauts"], "unknown-command", /"stauts"; did you mean "status"\?$/],
  [["zebra"], "unknown-command", /^There is no command "zebra"\.$/],
  [["status", "--jsn"], "unknown-option", /"dropship status" has no option "--jsn"; did you mean "--json"\?$/],
  [["status", "-x"], "unknown-option", /no option "-x"\.$/],
  [["status", "--once"], "unknown-option", /"dropship status" has no option "--once"\.$/],
  [["status", "--config"], "option-without-value", /"--config" needs a value: --config FILE/],
  [["status", "--config", "--json"], "option-without-value", /"--config" needs a value/],
  [["status", "--config="], "option-without-value", /"--config" needs a value/],
  [["status", "--json=yes"], "option-with-value", /"--json" takes no value/],
  [["rollback"], "argument-missing", /"dropship rollback" needs to know which service/],
  [["rollback", ""], "argument-missing", /needs to know which service/],
  [["rollback", "a", "b", "c"], "argument-surplus", /does not know what to do with "c"/],
  [["completion", "bsh"], "argument-unknown", /There is no shell "bsh"; did you mean "bash"\?/],
  [["status", "--__proto__"], "unknown-option", /no option "--__proto__"/],
];

for (const [words, code, sentence] of mistakes) {
  test(`"dropship ${words.join(" ")}" is refused with the word and what may be meant`, () => {
    assert.throws(
      () => parse(...words),
      (thrown) =>
        thrown instanceof Failure && thrown.code === code && thrown.exitCode === 2 && sentence.test(thrown.message),
    );
  });
}

test("a number of a flag is whole and in bounds", () => {
  const bounds = { otherwise: 20, lowest: 1, highest: 100 };
  const given = (limit?: string) => ({ operands: {}, flags: { limit } });

  assert.equal(numberOf(given(), "limit", bounds), 20);
  assert.equal(numberOf(given("100"), "limit", bounds), 100);
  for (const bad of ["0", "101", "1.5", "x", "-1", ""]) {
    assert.throws(() => numberOf(given(bad), "limit", bounds), { code: "option-not-a-number" });
  }
});

test("no words make the reader fail with anything but a failure of the catalogue", () => {
  const word = fc.oneof(
    fc.constantFrom("status", "rollback", "--json", "--config", "-c", "--", "-", "--limit=3"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        parseArguments(words, commands);
      } catch (thrown) {
        assert.ok(thrown instanceof Failure && thrown.exitCode === 2, String(thrown));
      }
    }),
  );
});
