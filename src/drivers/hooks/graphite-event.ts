import { name, texts, url } from "../../domain/options.ts";
import { renderTemplate } from "../../domain/template.ts";
import { defineDriver } from "../driver.ts";
import { announcement, announcementOptions } from "./announce.ts";
import type { Hook, HookContext, HookPorts } from "./hook.ts";

/** Tells Graphite about the update: `POST <host>/events/` of graphite-web (see its "Graphite Events" page). */
export const graphiteEvent = defineDriver({
  name: "graphite-event",
  summary:
    "Sends an event to Graphite, so that graphs show when an update happened. The service's name is added to its tags.",
  options: {
    host: url({ summary: "The address of graphite-web.", required: true, example: "https://graphite.example.com" }),
    what: name({
      summary: 'The event in a few words. Default: "deployed", the service and the version, where there is one.',
      template: true,
      example: "deployed {{.Name}}",
    }),
    data: name({ summary: "More about it.", template: true, example: "release {{.Hash}} on {{.Hostname}}" }),
    tags: texts({
      summary: "Its tags; a text with blanks counts as several.",
      default: [],
      template: true,
      example: '["deployment", "web"]',
    }),
    user: name({ summary: "User name for basic authentication.", secret: true }),
    password: name({ summary: "Password for basic authentication.", secret: true }),
    ...announcementOptions,
  },
  create(options, ports: HookPorts): Hook {
    const label = `graphite-event (${ports.where})`;
    return announcement({ ...options, label }, ports, ({ data }) => ({
      method: "POST",
      url: `${options.host.replace(/\/+$/, "")}/events/`,
      headers: { "content-type": "application/json", ...authorizationOf(options) },
      body: JSON.stringify({
        what: whatOf(options.what, data),
        data: renderTemplate(options.data ?? "", data),
        tags: tagsOf(options.tags, data),
        when: Math.floor(ports.clock.wall() / 1000),
      }),
    }));
  },
});

/** "deployed web 1.4.2" */
function whatOf(words: string | undefined, data: HookContext["data"]): string {
  if (words !== undefined) return renderTemplate(words, data);
  return renderTemplate(data["Version"] ? "deployed {{.Name}} {{.Version}}" : "deployed {{.Name}}", data);
}

function authorizationOf({ user, password }: Record<"user" | "password", string | undefined>): {
  authorization?: string;
} {
  if (user === undefined && password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user ?? ""}:${password ?? ""}`, "utf8").toString("base64")}` };
}

/** graphite-web splits tags at blanks, whether they come as a list or as a text. */
function tagsOf(tags: readonly string[], data: HookContext["data"]): string[] {
  const words = tags.flatMap((tag) => renderTemplate(tag, data).split(/\s+/));
  const service = String(data["Name"] ?? "").replace(/\s+/g, "-");
  return [...new Set([...words, service])].filter((word) => word !== "");
}
