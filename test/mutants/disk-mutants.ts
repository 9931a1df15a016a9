import { type Mutant, tests } from "./mutant.ts";

const durable = "src/releases/durable.ts";
const stage = "src/releases/stage.ts";
const destination = "src/releases/destination.ts";
const copy = "src/agent/journal/second-copy.ts";
const journal = tests("test/crash/journal-order.test.ts");
const order = (only: string) => tests("test/crash/switch-order.test.ts", only);

/** What must be on the disk before what. */
export const mutants: readonly Mutant[] = [
  {
    name: "the folder of the destination is not synced",
    file: destination,
    from: "await store.files.sync(dirname(store.place.destination));",
    to: "",
    by: order("update"),
    says: /strictly deep-equal/,
  },
  {
    name: "the folder of the releases is not synced",
    file: stage,
    from: "await files.rename(staged, inReleases(store, id));\n    await files.sync(place.releases);",
    to: "await files.rename(staged, inReleases(store, id));",
    by: order("install"),
    says: /strictly deep-equal/,
  },
  {
    name: "the content is not synced before the release is in sight",
    file: stage,
    from: "sync: true,",
    to: "sync: false,",
    by: order("install"),
    says: /no fsync of/,
  },
  {
    name: "the release is in sight before its own folder is synced",
    file: stage,
    from: "await files.sync(folder);",
    to: "",
    by: order("install"),
    says: /the mode of the release is on the disk/,
  },
  {
    name: "the release is in sight before its record",
    file: stage,
    from: "await writeRecord(store, record);\n    await files.rename(staged, inReleases(store, id));",
    to: "await files.rename(staged, inReleases(store, id));\n    await writeRecord(store, record);",
    by: order("install"),
    says: /strictly deep-equal/,
  },
  {
    name: "a file is written in the place of the old one",
    file: durable,
    from: "await files.write(unfinished, text, 0o600);\n    await files.rename(unfinished, path);",
    to: "await files.remove(path);\n    await files.write(path, text, 0o600);",
    by: order("install"),
    says: /no rename of/,
  },
  {
    name: "the destination is removed before the new link is there",
    file: destination,
    from: "await files.rename(incoming, place.destination);",
    to: "await files.remove(place.destination);\n  await files.rename(incoming, place.destination);",
    by: tests("test/crash/switch.test.ts"),
    says: /nothing|missing|destination/,
  },
  {
    name: "the second copy of the journal is written in place",
    file: copy,
    from: "writeSynced(temporary, encode(remembered));\n      renameSync(temporary, file);",
    to: "writeSynced(file, encode(remembered));",
    by: journal,
    says: /what must be on the disk before what/,
  },
  {
    name: "the second copy of the journal is not synced",
    file: copy,
    from: "writeFileSync(opened, text);\n    fsyncSync(opened);",
    to: "writeFileSync(opened, text);",
    by: journal,
    says: /what must be on the disk before what/,
  },
  {
    name: "the name of the second copy is not synced",
    file: copy,
    from: "renameSync(temporary, file);\n      syncFolder(folder);",
    to: "renameSync(temporary, file);",
    by: journal,
    says: /what must be on the disk before what/,
  },
  {
    name: "the journal does not wait for the disk",
    file: "src/agent/journal/database.ts",
    from: 'PERSIST");\n  database.exec("PRAGMA synchronous = FULL");',
    to: 'PERSIST");\n  database.exec("PRAGMA synchronous = OFF");',
    by: journal,
    says: /what must be on the disk before what/,
  },
];
