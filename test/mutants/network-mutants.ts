import { type Mutant, tests } from "./mutant.ts";

const http = "src/platform/http.ts";
const body = "src/platform/http-body.ts";
const download = "src/drivers/repositories/download.ts";
const faults = (only: string) => tests("test/drivers/repositories/faults.test.ts", only);

/** What a hostile or broken server must not get through. */
export const mutants: readonly Mutant[] = [
  {
    name: "a redirect is followed",
    file: http,
    from: "return await attempt(one, false);",
    to: "const answer = await attempt(one, false);\n    const to = answer.headers['location'];\n    if (to === undefined || answer.status < 300) return answer;\n    answer.discard();\n    return await attempt({ ...one, url: new URL(to) }, true);",
    by: faults("row 29: a redirect does not carry"),
    says: /store-redirects|another origin was asked/,
  },
  {
    name: "a cut counts as an end",
    file: body,
    from: "reading.problem = problem;",
    to: "reading.problem = undefined;",
    by: tests("test/platform/http.test.ts", "chunks that end early while"),
    says: /it did not fail/,
  },
  {
    name: "a body that ends with its connection counts as whole",
    file: download,
    from: "if (body.framed !== false || canBeVerified(stated)) return undefined;",
    to: "if (body !== undefined) return undefined;",
    by: faults("row 20"),
    says: /it did not fail/,
  },
  {
    name: "what the store states of a content is not compared",
    file: "src/domain/download-rules.ts",
    from: "if (stated.sha256 !== undefined && stated.sha256 !== measured.sha256) {",
    to: "if (stated.sha256 === measured.md5) {",
    by: faults("row 22"),
    says: /strictly equal/,
  },
  {
    name: "a body goes on after its end",
    file: download,
    from: "if (length <= (marker.size ?? request.limit)) return;",
    to: "if (length <= request.limit) return;",
    by: faults("row 21: an endless body"),
    says: /download-damaged/,
  },
];
