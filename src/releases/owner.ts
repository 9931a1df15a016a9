import { failure } from "../domain/failures/failure.ts";
import type { Accounts } from "../platform/ports.ts";

/** Who gets the files of a release; undefined: whoever the agent is. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * The numbers behind the names (or numbers) of a config. Without a group, the owner's own group is taken.
 * Throws "owner-unknown", and "owner-needs-root" when only root could give files away like that.
 */
export async function resolveOwner(accounts: Accounts, owner?: string, group?: string): Promise<Owner> {
  const user = owner === undefined ? undefined : await resolveUser(accounts, owner);
  const gid = group === undefined ? user?.gid : await resolveGroup(accounts, group);
  const self = accounts.self();
  if (self.uid !== 0) {
    if (user !== undefined && user.uid !== self.uid) throw failure("owner-needs-root", { name: owner ?? "" });
    if (gid !== undefined && gid !== self.gid) throw failure("owner-needs-root", { name: group ?? owner ?? "" });
  }
  return { ...(user && { uid: user.uid }), ...(gid !== undefined && { gid }) };
}

async function resolveUser(accounts: Accounts, name: string): Promise<{ uid: number; gid?: number }> {
  const user = await accounts.user(name);
  if (user !== undefined) return user;
  if (isNumber(name)) return { uid: Number(name) };
  throw failure("owner-unknown", { kind: "user", name });
}

async function resolveGroup(accounts: Accounts, name: string): Promise<number> {
  const gid = await accounts.group(name);
  if (gid !== undefined) return gid;
  if (isNumber(name)) return Number(name);
  throw failure("owner-unknown", { kind: "group", name });
}

/** The last number is taken by the system: it means "do not change". */
function isNumber(name: string): boolean {
  return /^\d{1,10}$/.test(name) && Number(name) < 0xffff_ffff;
}
