import { type Mutant, randomTests, tests } from "./mutant.ts";

const follow = "src/publish/follow/follow-repository.ts";
const start = "src/domain/rollout/start.ts";
const slots = "src/domain/rollout/slots.ts";
const rows = (only: string) => tests("test/publish/follow/rows.test.ts", only);
const published = tests("test/domain/rollout/published.test.ts");

/** What must hold of releases that a document leads to. */
export const mutants: readonly Mutant[] = [
  {
    name: "what was taken is forgotten",
    file: follow,
    from: "memory.keep(remembering(known, { document: title, floor }, clock.wall()));",
    to: "",
    by: rows("row 35 and 42"),
    says: /refused with document-older/,
  },
  {
    name: "what the fleet takes binds nobody",
    file: follow,
    from: "...fleetFloor(follows, fleet())",
    to: "",
    by: rows("row 42: a host whose memory is lost"),
    says: /refused with document-older/,
  },
  {
    name: "time passes only for documents that change",
    file: follow,
    from: "judgeFreshness(artifact, before.document, trust, clockFacts(ports));",
    to: "",
    by: rows("row 43"),
    says: /refused with document-expired/,
  },
  {
    name: "a document is read whatever its size",
    file: "src/publish/follow/read-document.ts",
    from: "refuseAbove(marker.size ?? 0);",
    to: "",
    by: rows("row 41: a document that is too large"),
    says: /strictly deep-equal/,
  },
  {
    name: "content that is not what was signed is held against the version",
    file: "src/drivers/repositories/download.ts",
    from: 'marker.published ? "artifact-not-as-published" : "download-damaged"',
    to: '"download-damaged"',
    by: tests("test/publish/follow/content.test.ts", "row 33 and 46"),
    says: /download-damaged/,
  },
  {
    name: "numbers of another channel hold a fleet up",
    file: start,
    from: "if (!isSameLine(record, release)) return false;\n  const key",
    to: "const key",
    by: published,
    says: /who follows another channel/,
  },
  {
    name: "numbers of a key that nobody trusts hold a fleet up",
    file: start,
    from: "if (key !== undefined && trusts?.(key) === false) return false;",
    to: "",
    by: published,
    says: /numbers that a key was misused for/,
  },
  {
    name: "what proved good before waits for no limit either",
    file: slots,
    from: 'const waived = full === "canary" && event.proven === true;',
    to: "const waived = event.proven === true;",
    by: randomTests("test/domain/rollout/fleets.test.ts", "whatever happens to a fleet"),
    says: /S1/,
  },
  {
    name: "nobody's proof counts for the canaries",
    file: slots,
    from: 'const waived = full === "canary" && event.proven === true;',
    to: "const waived = false;",
    by: published,
    says: /who proved the release before/,
  },
];
