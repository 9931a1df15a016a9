import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "../../../src/config/hcl/parser.ts";
import { print } from "../../../src/config/hcl/printer.ts";
import { sourceOf } from "../../../src/config/hcl/source.ts";
import type { Body, Item, Value } from "../../../src/config/hcl/syntax-tree.ts";

/** The tree without its places, small enough to be written in a test. */
function plain(body: Body): unknown {
  return body.items.map(({ keys, value }) => [keys.map(({ name }) => name).join(" "), plainValue(value)]);
}

function plainValue(value: Value): unknown {
  switch (value.kind) {
    case "text":
      return value.text;
    case "number":
      return { number: value.number };
    case "flag":
      return value.flag;
    case "list":
      return { list: value.values.map(plainValue) };
    case "object":
      return plain(value);
    case "call":
      return { [value.name]: value.argument };
  }
}

function read(text: string): { tree: unknown; faults: string[] } {
  const faults: string[] = [];
  const body = parse(sourceOf("x.hcl", text), ({ start, end, message, expected }) =>
    faults.push(`${JSON.stringify(text.slice(start, end))} ${message}${expected ? `; expected ${expected}` : ""}`),
  );
  return { tree: plain(body), faults };
}

function good(text: string): unknown {
  const { tree, faults } = read(text);
  assert.deepEqual(faults, []);
  return tree;
}

test("settings, blocks, labels and the three kinds of comments", () => {
  const text = `# one
// two
/* three
   lines */ service_path = "/etc" # behind
repo "s3" { name = "eu" } // behind
"quoted key" = true
outer "a" "b" { inner { deep = false } }
`;

  assert.deepEqual(good(text), [
    ["service_path", "/etc"],
    ["repo s3", [["name", "eu"]]],
    ["quoted key", true],
    ["outer a b", [["inner", [["deep", false]]]]],
  ]);
});

test("numbers are decimal, octal, hexadecimal or with an exponent", () => {
  const text = "list = [1, -2, 1.5, 0644, 0x1F, 2e3, 1.5E-1, 0]";
  const numbers = [1, -2, 1.5, 0o644, 31, 2000, 0.15, 0].map((number) => ({ number }));

  assert.deepEqual(good(text), [["list", { list: numbers }]]);
});

test("a block may be written with an equals sign, on one line, with commas, and with its brace on the next line", () => {
  assert.deepEqual(good("a = { b = 1, c = 2, }\na { d = 3 e = 4 }\na\n{ }"), [
    [
      "a",
      [
        ["b", { number: 1 }],
        ["c", { number: 2 }],
      ],
    ],
    [
      "a",
      [
        ["d", { number: 3 }],
        ["e", { number: 4 }],
      ],
    ],
    ["a", []],
  ]);
});

test("escapes in a text are undone", () => {
  assert.deepEqual(good(String.raw`a = "tab\t line\n quote\" back\\ \u00e9 \x41 \101 \U0001F680"`), [
    ["a", 'tab\t line\n quote" back\\ é A A 🚀'],
  ]);
});

test("an interpolation goes through letter by letter: quotes, braces, backslashes and line breaks included", () => {
  const command = 'echo \x24{HOME:-"no \\n { home }"} $HOME $$ \x24{A:-\x24{B}\n}';

  assert.deepEqual(good(`a = "${command}"`), [["a", command]]);
});

test("a heredoc is taken as it stands; with a dash the closing word's indentation is taken off", () => {
  const text = `a = <<EOF
  two \${x} "quotes" \\n
EOF
b {
  c = <<-END
    indented

      more
    END
  d = <<-END
 less
    END
}
`;

  assert.deepEqual(good(text), [
    ["a", '  two \x24{x} "quotes" \\n\n'],
    [
      "b",
      [
        ["c", "indented\n\n  more\n"],
        ["d", " less\n"],
      ],
    ],
  ]);
});

test("Windows line ends are no part of anything", () => {
  assert.deepEqual(good('a = "b"\r\nc = <<EOF\r\nx\r\ny\r\nEOF\r\nd = 1\r\n'), [
    ["a", "b"],
    ["c", "x\ny\n"],
    ["d", { number: 1 }],
  ]);
});

test("env and file are values wherever a value may stand", () => {
  assert.deepEqual(good('a = env("A")\nb = [file("/b"), "c"]'), [
    ["a", { env: "A" }],
    ["b", { list: [{ file: "/b" }, "c"] }],
  ]);
});

const escapes = '\\n, \\t, \\", \\\\ or the like; a backslash itself is written \\\\';
const mistakes: readonly [string, string][] = [
  ['a = "b', '"\\"b" this text has no end; expected a closing " before the end of the line'],
  ['a = "\x24{b"', '"\x24{" this "\x24{" is never closed; expected a "}" that closes it'],
  ['a = "\\q"', `"\\\\" unknown escape in a text; expected ${escapes}`],
  ['a = "\\u0000"', `"\\\\u0000" \\u0000 is not a character that a text may hold; expected ${escapes}`],
  ["a = 'b'", '"\'b\'" a text stands in the wrong quotes; expected double quotes: "…"'],
  ["a = “b”", '"“b”" a text stands in the wrong quotes; expected double quotes: "…"'],
  ["a = 10s", '"10s" 10s is not a number; expected durations, sizes and versions in double quotes: "10s"'],
  ["a = 089", '"089" 089 is not an octal number; expected digits 0 to 7 after a leading 0'],
  ["a = b", '"b" "b" is not a value; expected texts in double quotes: "b"'],
  ["a =\nb = 1", '"=" nothing follows this "="; expected a value'],
  ["a = <<EOF\nx", '"<<EOF" this heredoc has no end; expected a line with nothing but EOF'],
  ["a = <<\n", '"<<" this is no heredoc; expected <<WORD or <<-WORD and a line break'],
  ["a {", '"{" this "{" is never closed; expected a "}" that closes it'],
  ["a = [1", '"[" this "[" is never closed; expected a "]" that closes it'],
  ["a = [1 2]", '"2" unexpected the number 2 in a list; expected "," or "]"'],
  ["}", '"}" this "}" closes nothing; expected a setting or a block'],
  ["= 1", '"=" unexpected "="; expected the name of a setting or a block'],
  ['a "b" = 1', '"=" unexpected "=" after a label; expected "{" after a "b"'],
  ["a\nb = 1", '"\\n" "a" is followed by "b"; expected "=" and a value, or "{"'],
  ["/* a", '"/*" this comment has no end; expected */'],
  ['a = fil("b")', '"fil" unknown function "fil"; did you mean "file"?; expected env("NAME") or file("path")'],
  ["a = env(b)", '"b" unexpected "b"; expected a text such as "NAME"'],
  ['a = ? "b"', '"?" unexpected "?"'],
  ["a = \u0007 1", '"\\u0007" unexpected character U+0007'],
];

for (const [text, fault] of mistakes) {
  test(`the mistake in ${JSON.stringify(text)} is told once, where it is`, () => {
    assert.deepEqual(read(text).faults, [fault]);
  });
}

test("reading goes on behind a mistake, so that every one is told and the rest is there", () => {
  const { tree, faults } = read(`a = oops
b { c = 1
  d = oops
  e { f = oops }
  g = 2
}
h "x" = 1
i = 3
`);

  assert.equal(faults.length, 4);
  assert.deepEqual(tree, [
    [
      "b",
      [
        ["c", { number: 1 }],
        ["e", []],
        ["g", { number: 2 }],
      ],
    ],
    ["i", { number: 3 }],
  ]);
});

test("very deep nesting is refused once, and quickly", () => {
  for (const text of ["a {".repeat(100_000), `a = ${"[".repeat(100_000)}`]) {
    assert.match(read(text).faults.join("\n"), /^"[{[]" blocks are nested more than 64 deep[^\n]*$/);
  }
});

test("a large file on one line is read in linear time", { timeout: 10_000 }, () => {
  assert.equal((good("a=1,".repeat(250_000)) as unknown[]).length, 250_000);
});

const texts = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
const hard = fc.constantFrom(
  "\x24{a}",
  "\x24{",
  "a \x24{b:-{c}} d",
  "{{.Name}}",
  "$\x24{x}",
  '\x24{"q"}\n',
  "\\${",
  "}",
);
const scalar = fc.oneof(
  fc.oneof(texts, hard).map((text) => ({ kind: "text", text })),
  fc.integer().map((number) => ({ kind: "number", number, literal: String(number) })),
  fc.boolean().map((flag) => ({ kind: "flag", flag })),
  texts.map((argument) => ({ kind: "call", name: "env", argument })),
) as unknown as fc.Arbitrary<Value>;
const key = fc.oneof(fc.constantFrom("a", "content-type", "b.c", "ä"), texts).map((name) => ({ name }));
const { body } = fc.letrec<{ object: Value; value: Value; item: Item; body: Body }>((tie) => ({
  object: tie("body").map((inner) => ({ kind: "object", ...inner }) as unknown as Value),
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((values) => ({ kind: "list", values }) as unknown as Value),
    tie("object"),
  ),
  item: fc.oneof(
    fc.record({ keys: fc.tuple(key), value: tie("value") }),
    fc.record({ keys: fc.tuple(key, key), value: tie("object") }),
  ) as unknown as fc.Arbitrary<Item>,
  body: fc.array(tie("item"), { maxLength: 4 }).map((items) => ({ items })),
}));

test("what the printer writes, the parser reads back as the same tree", () => {
  fc.assert(
    fc.property(body, (tree) => {
      assert.deepEqual(good(print(tree)), plain(tree));
    }),
    { numRuns: 500 },
  );
});

test("no text makes the parser throw or run on", () => {
  const words = [
    '"',
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    "=",
    "<<E",
    "\n",
    "E\n",
    "\x24{",
    "\\",
    "#",
    "/*",
    "a",
    "1",
    "'",
  ];
  const piece = fc.oneof(fc.constantFrom(...words, "env("), fc.string({ unit: "binary", maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
      const { faults } = read(parts.join(""));
      assert.ok(faults.length <= 50);
    }),
    { numRuns: 2000 },
  );
});
