// A tiny real web service, run from its release: node soak-service.ts <port>. It says which version it was started from,
// and whether that is a healthy one: what is at the destination later on changes nothing about it.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const version = readFileSync("version", "utf8");
const healthy = existsSync("healthy");

createServer((_request, response) => {
  response.writeHead(healthy ? 200 : 503);
  response.end(version);
}).listen(Number(process.argv[2]), "127.0.0.1");
