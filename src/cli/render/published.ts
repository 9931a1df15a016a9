import { formatSize } from "../../domain/size.ts";
import type { Publisher } from "../../publish/publisher.ts";
import type { Pushed } from "../../publish/push.ts";
import type { Screen } from "../screen.ts";
import { renderFacts } from "./facts.ts";

export type PushedFacts = ReturnType<typeof pushedFacts>;

/** What a program is told of a push. */
export function pushedFacts(
  { release: document, channel, uploaded, changed }: Pushed,
  { folder, key }: Pick<Publisher, "folder" | "key">,
) {
  const { service, created, by, release } = document;
  const { artifact, version, notes } = release;
  return {
    ...{ service, version, place: folder.place, key: artifact.key, sha256: artifact.sha256, length: artifact.length },
    ...{ format: artifact.format, entries: artifact.entries, by, created },
    ...(notes !== undefined && { notes }),
    ...(key !== undefined && { signedBy: key.publicKey.number }),
    ...(channel !== undefined && { channel: { name: channel.channel, sequence: channel.sequence } }),
    ...{ uploaded, changed },
  };
}

/** The same for a person. `leftOut`: files and folders that the ignore file left out. */
export function renderPushed(facts: PushedFacts, leftOut: number, screen: Pick<Screen, "paint" | "columns">): string {
  const { service, version, place, sha256, length, format, entries, channel, signedBy, changed } = facts;
  const outcome = changed ? `published ${version} in ${place}` : `${version} is published already; nothing was changed`;
  const without = leftOut === 0 ? "" : `, ${leftOut} left out`;
  const shown = [
    {
      name: "content",
      value: `${sha256} (${format}, ${formatSize(length)}, ${entries === 1 ? "1 entry" : `${entries} entries`}${without})`,
    },
    { name: "signed", value: signedBy === undefined ? "by nobody" : `by key ${signedBy}` },
    {
      name: "channel",
      value: channel === undefined ? "" : `${channel.name} points at it (number ${channel.sequence})`,
    },
  ];
  return [`${screen.paint("bold", service)}: ${outcome}`, ...renderFacts(shown, 9, screen)].join("\n");
}
