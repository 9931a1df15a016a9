import { writeSync } from "node:fs";
import { openJournal } from "../../src/agent/journal/open-journal.ts";
import { ended, record } from "./journal-fixture.ts";

// A process that writes updates until it is killed, and says what is safe: started by the tests.
const journal = openJournal({ folder: process.argv[2] ?? "", wall: () => Date.now() });
for (let count = journal.service("web").aborts + 1; ; count += 1) {
  const state = { ...journal.service("web"), aborts: count };
  journal.write(record("web", `${count}`, { attempt: count }), state);
  writeSync(1, `${count}\n`);
  journal.write(ended("web", `${count}`, { attempt: count }));
}
