import type { Release } from "../domain/release.ts";
import { rollbackTarget } from "./next-move.ts";
import type { ServiceState } from "./service-state.ts";

/**
 * The releases on disk that may go: all but the last `keep` good ones, the current one, the one that a rollback would go
 * to, the pinned one and those that the update at hand `needs`.
 */
export function releasesToRemove(
  onDisk: readonly Release[],
  state: ServiceState,
  keep: number,
  needs: readonly string[],
): readonly string[] {
  const there = new Set(onDisk.map(({ id }) => id));
  const good = state.good.filter((id) => there.has(id)).slice(-Math.max(1, keep));
  const kept = new Set([...good, ...needs, state.current?.id, state.pinned, rollbackTarget(state, onDisk)?.id]);
  return onDisk.map(({ id }) => id).filter((id) => !kept.has(id));
}
