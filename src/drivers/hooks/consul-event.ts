import { name, text, url } from "../../domain/options.ts";
import { renderTemplate } from "../../domain/template.ts";
import { defineDriver } from "../driver.ts";
import { announcement, announcementOptions } from "./announce.ts";
import type { Hook, HookPorts } from "./hook.ts";

/** Fires a user event through the local Consul agent: `PUT /v1/event/fire/<name>` (Consul's HTTP API, "Event"). */
export const consulEvent = defineDriver({
  name: "consul-event",
  summary: 'Fires a user event of Consul with the payload `{"hash": "<digest of the release>"}`.',
  options: {
    name: name({ summary: "The event's name.", required: true, template: true, example: "deployed-{{.Name}}" }),
    service: text({ summary: "Only nodes with a service that matches this expression.", template: true }),
    tag: text({ summary: "Only services with a tag that matches this expression; needs `service`.", template: true }),
    node: text({ summary: "Only nodes whose name matches this expression.", template: true }),
    address: url({ summary: "The Consul agent.", default: "http://127.0.0.1:8500" }),
    token: text({ summary: "The token of an access control list that may fire the event.", secret: true }),
    datacenter: text({ summary: "The datacenter to fire it in; that of the agent unless set." }),
    ...announcementOptions,
  },
  create(options, ports: HookPorts): Hook {
    const label = `consul-event (${ports.where})`;
    return announcement({ ...options, label }, ports, ({ data }) => {
      const filters = {
        service: renderTemplate(options.service ?? "", data),
        tag: renderTemplate(options.tag ?? "", data),
        node: renderTemplate(options.node ?? "", data),
        dc: options.datacenter ?? "",
      };
      const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ""));
      const event = encodeURIComponent(renderTemplate(options.name, data));
      return {
        method: "PUT",
        url: `${options.address.replace(/\/+$/, "")}/v1/event/fire/${event}${query.size > 0 ? `?${query}` : ""}`,
        headers: options.token ? { "x-consul-token": options.token } : {},
        body: JSON.stringify({ hash: String(data["Hash"] ?? "") }),
      };
    });
  },
});
