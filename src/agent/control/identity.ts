import { userInfo } from "node:os";

/** Carries the name of the person who asks, in percent encoding. */
export const identityHeader = "dropship-user";
export const longestIdentity = 128;

/** Who runs this process, for the audit: "root", "root for alice" when sudo says so. */
export function whoAmI(): string {
  const own = ownName();
  const behind = process.env["SUDO_USER"];
  return (behind && behind !== own ? `${own} for ${behind}` : own).slice(0, longestIdentity);
}

/** For the hosts of a fleet: "ann@laptop"; the person behind sudo, if there is one. */
export function operatorAt(hostname: string): string {
  return `${process.env["SUDO_USER"] || ownName()}@${hostname}`.slice(0, longestIdentity);
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user number without an entry in the user database.
    return `uid ${process.geteuid?.() ?? "unknown"}`;
  }
}
