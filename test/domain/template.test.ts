import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseTemplate, renderTemplate, templateFields } from "../../src/domain/template.ts";

const data = {
  Name: "web",
  Hash: "abc",
  Sequential: true,
  Attempt: 2,
  Artifact: { bucket: "b", "content-type": "x/y" },
};

const filled: readonly [template: string, text: string][] = [
  ["deployed {{.Name}} at {{ .Hash }}", "deployed web at abc"],
  ["a {{- .Name -}} b", "awebb"],
  ["a\n{{- /* a comment */ -}}\n b", "ab"],
  ["a {{/* }} in a comment */}} b", "a  b"],
  ['{{.Artifact.bucket}} {{index .Artifact "content-type"}} {{index .Artifact `bucket`}}', "b x/y b"],
  ['{{"a text with }} in it"}} {{`raw \\n`}}', "a text with }} in it raw \\n"],
  ["{{.Sequential}} {{.Attempt}} [{{.Version}}]", "true 2 []"],
  ["no braces, } } and { { alone", "no braces, } } and { { alone"],
  ["", ""],
];

for (const [template, text] of filled) {
  test(`${JSON.stringify(template)} becomes ${JSON.stringify(text)}`, () => {
    assert.equal(renderTemplate(template, data), text);
  });
}

const fields = Object.keys(templateFields).map((name) => `.${name}`);
const subset = 'only fields such as {{.Name}}, {{index .Artifact "key"}}, texts and comments are understood';
const refused: readonly [template: string, shown: string, message: string][] = [
  ["a {{.Nmae}}", ".Nmae", 'unknown field .Nmae; did you mean "Name"?'],
  ["{{.BeforeHooks}}", ".BeforeHooks", `unknown field .BeforeHooks; known are ${fields.join(", ")}`],
  ["{{Name}}", "Name", "a field begins with a dot: {{.Name}}"],
  ["{{.Name.Length}}", ".Name.Length", ".Name has no fields of its own"],
  ["{{.Artifact}}", ".Artifact", ".Artifact is a whole block; name one of its settings: {{.Artifact.path}}"],
  ["{{.Artifact.buckt}}", ".Artifact.buckt", 'this artifact has no "buckt"; did you mean "bucket"?'],
  ["{{- if .Name -}}", "if .Name", subset],
  ["{{.Name | printf}}", ".Name | printf", subset],
  ["{{.}}", ".", subset],
  ["{{}}", "}", `nothing stands between the braces; ${subset}`],
  ["ab {{.Name", "{{", '"{{" is never closed by "}}"'],
  ['{{"\\q"}}', '"\\q"', '"\\q" holds an escape that is not understood'],
];

for (const [template, shown, message] of refused) {
  test(`${JSON.stringify(template)} is refused, with the place`, () => {
    const parsed = parseTemplate(template, ["bucket", "path"]);

    assert.ok("fault" in parsed);
    const { at, length } = parsed.fault;
    assert.deepEqual([template.slice(at, at + length), parsed.fault.message], [shown, message]);
  });
}

test("a template that slipped through is a failure with a code, never half a text", () => {
  assert.throws(() => renderTemplate("{{.Nope}}", data), { code: "template-invalid" });
});

test("fields of the prototype are no fields", () => {
  assert.equal(renderTemplate('{{index .Artifact "constructor"}}', data), "");
});

test("text without braces comes out as it went in, and no text makes the reader throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const parsed = parseTemplate(text);
      if (!text.includes("{{")) assert.equal(renderTemplate(text, {}), text);
      else assert.ok("template" in parsed || parsed.fault.at < text.length);
    }),
  );
  const pieces = fc.array(fc.constantFrom("{{", "}}", "-", " ", ".Name", '"', "`", "/*", "*/", "\\", "index", "x"));
  fc.assert(
    fc.property(pieces, (parts) => {
      const parsed = parseTemplate(parts.join(""));
      assert.ok("template" in parsed || parsed.fault.length > 0);
    }),
    { numRuns: 1000 },
  );
});
