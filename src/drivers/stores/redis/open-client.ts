import { type Failure, failure } from "../../../domain/failures/failure.ts";
import type { Address } from "./address.ts";
import { type Client, connectTo } from "./client.ts";
import type { LinkSettings } from "./link.ts";
import { refusalOf } from "./refusal.ts";

const anonymous = { username: undefined, password: undefined, database: 0 };

/** Connects to the master, wherever it is now, and makes sure that it is one: a replica would read what was long ago. */
export async function openClient(settings: LinkSettings): Promise<Client> {
  const { server, login, database } = settings;
  const client = await connectTo(settings, await masterOf(settings, server), { ...login, database });
  const sent = await client.send(["ROLE"]);
  if ("reply" in sent && isRole(sent.reply, "master")) return client;
  client.destroy();
  const doing = "say whether it is the master";
  if ("refused" in sent) throw refusalOf(settings, doing, sent.refused);
  if ("broken" in sent)
    throw failure("rollout-store-unanswered", { place: settings.place, doing, problem: "the connection broke" });
  throw notMaster(settings);
}

/** The documentation's protocol for clients of sentinels: ask one after the other, then ask the server itself for its role. */
async function masterOf(settings: LinkSettings, server: Address): Promise<Address> {
  const { sentinels, place } = settings;
  if (sentinels === undefined) return server;
  const problems: string[] = [];
  for (const address of sentinels.addresses) {
    try {
      const found = await askSentinel(settings, address, sentinels.master);
      if (typeof found !== "string") return found;
      problems.push(found);
    } catch (error) {
      problems.push((error as Error).message.replace(/\.$/, ""));
    }
  }
  const problem = `no sentinel names the master (${problems.join("; ")})`;
  throw failure("rollout-store-unanswered", { place, doing: `find ${sentinels.master}`, problem });
}

/** Where the master is, or why this sentinel does not know. */
async function askSentinel(settings: LinkSettings, address: Address, master: string): Promise<Address | string> {
  const client = await connectTo(settings, address, anonymous);
  const sent = await client.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master]);
  client.destroy();
  if ("refused" in sent) return sent.refused;
  if ("broken" in sent) return "the connection broke";
  const [host, port] = Array.isArray(sent.reply) ? sent.reply.map(String) : [];
  if (host === undefined || !/^\d{1,5}$/.test(port ?? "")) return `${address.host}:${address.port} knows no ${master}`;
  return { host, port: Number(port), secure: address.secure };
}

function isRole(reply: unknown, role: string): boolean {
  return Array.isArray(reply) && String(reply[0]) === role;
}

function notMaster({ place, sentinels }: LinkSettings): Failure {
  const answer = "the server is a replica";
  if (sentinels !== undefined)
    return failure("rollout-store-busy", { place, answer: `${answer} (is it failing over?)` });
  return failure("rollout-store-refused", { place, doing: "take writes", answer });
}
