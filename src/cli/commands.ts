import type { Command } from "./command.ts";
import { agent } from "./commands/agent.ts";
import { channels } from "./commands/channels.ts";
import { check } from "./commands/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { explain } from "./commands/explain.ts";
import { forget } from "./commands/forget.ts";
import { helpCommand } from "./commands/help.ts";
import { history } from "./commands/history.ts";
import { init } from "./commands/init.ts";
import { keygen } from "./commands/keygen.ts";
import { logs } from "./commands/logs.ts";
import { pause } from "./commands/pause.ts";
import { pin } from "./commands/pin.ts";
import { plan } from "./commands/plan.ts";
import { promote } from "./commands/promote.ts";
import { prune } from "./commands/prune.ts";
import { push } from "./commands/push.ts";
import { refresh } from "./commands/refresh.ts";
import { releases } from "./commands/releases.ts";
import { reload } from "./commands/reload.ts";
import { resume } from "./commands/resume.ts";
import { retry } from "./commands/retry.ts";
import { rollback } from "./commands/rollback.ts";
import { rollout } from "./commands/rollout.ts";
import { status } from "./commands/status.ts";
import { unpin } from "./commands/unpin.ts";
import { update } from "./commands/update.ts";
import { validate } from "./commands/validate.ts";
import { verify } from "./commands/verify.ts";
import { version } from "./commands/version.ts";
import { versions } from "./commands/versions.ts";
import { yank } from "./commands/yank.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  agent,
  status,
  check,
  update,
  history,
  logs,
  releases,
  rollback,
  pin,
  unpin,
  pause,
  resume,
  retry,
  rollout,
  plan,
  forget,
  push,
  promote,
  channels,
  versions,
  yank,
  prune,
  refresh,
  verify,
  keygen,
  reload,
  init,
  validate,
  doctor,
  explain,
  completionCommand(() => commands),
  version,
  helpCommand(() => commands),
];
