import type { Grant, Session } from "./session.ts";

/** A token may end before its time (revoked, service restarted): after a 401 it is renewed, once. */
export async function withToken<Answer>(
  session: Session,
  signal: AbortSignal,
  send: (grant: Grant) => Promise<Answer>,
  refused: (answer: Answer) => boolean,
): Promise<Answer> {
  const grant = await session.current(signal);
  const answer = await send(grant);
  if (!refused(answer)) return answer;
  session.drop(grant);
  return send(await session.current(signal));
}
