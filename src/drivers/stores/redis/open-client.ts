import { type Failure, failure } from "../../../domain/failures/failure.ts";
import { stoppable } from "../../../platform/stoppable.ts";
import { unanswered } from "../exchange.ts";
import type { Address } from "./address.ts";
import { type Client, connectTo, stepLimit } from "./client.ts";
import type { LinkSettings } from "./link.ts";
import { refusalOf } from "./refusal.ts";

const anonymous = { username: undefined, password: undefined, database: 0 };

/** Connects to the master, wherever it is now, and makes sure that it is one: a replica would read what was long ago. */
export async function openClient(settings: LinkSettings): Promise<Client> {
  const { server, login, database } = settings;
  const client = await connectTo(settings, await masterOf(settings, server), { ...login, database });
  const reply = await answerOf(settings, client, "say whether it is the master", ["ROLE"]);
  if (Array.isArray(reply) && String(reply[0]) === "master") return client;
  client.destroy();
  throw notMaster(settings);
}

/** The reply to a first command. A connection that has none in time is given up. */
async function answerOf(
  settings: LinkSettings,
  client: Client,
  doing: string,
  command: readonly string[],
): Promise<unknown> {
  const { place, clock } = settings;
  const late = () => failure("rollout-store-unanswered", { place, doing, problem: "no answer in time" });
  using limit = clock.deadline(stepLimit, late);
  try {
    const sent = await stoppable(client.send(command), limit.signal);
    if ("reply" in sent) return sent.reply;
    throw "refused" in sent ? refusalOf(settings, doing, sent.refused) : unanswered(settings, doing, sent.broken);
  } catch (error) {
    client.destroy();
    throw error;
  }
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
  const command = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master];
  const reply = await answerOf(settings, client, `find ${master}`, command);
  client.destroy();
  const [host, port] = Array.isArray(reply) ? reply.map(String) : [];
  if (host === undefined || !/^\d{1,5}$/.test(port ?? "")) return `${address.host}:${address.port} knows no ${master}`;
  return { host, port: Number(port), secure: address.secure };
}

function notMaster({ place, sentinels }: LinkSettings): Failure {
  const answer = "the server is a replica";
  if (sentinels !== undefined)
    return failure("rollout-store-busy", { place, answer: `${answer} (is it failing over?)` });
  return failure("rollout-store-refused", { place, doing: "take writes", answer });
}
