// The web service of the demo: greets whoever asks, with the words that lie beside it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const server = createServer((_request, answer) => {
  try {
    const { version, text } = JSON.parse(readFileSync(join(import.meta.dirname, "greeting.json"), "utf8"));
    answer.writeHead(200, { "x-version": version }).end(`${text}\n`);
  } catch (error) {
    console.error(error.message);
    answer.writeHead(500).end("something is wrong here\n");
  }
});

server.listen(Number(process.env.PORT), "127.0.0.1");
// A polite end: requests that have begun get their answer.
process.on("SIGTERM", () => server.close());
