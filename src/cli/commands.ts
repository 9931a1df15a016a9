import type { Command } from "./command.ts";
import { agent } from "./commands/agent.ts";
import { check } from "./commands/check.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { explain } from "./commands/explain.ts";
import { forget } from "./commands/forget.ts";
import { helpCommand } from "./commands/help.ts";
import { history } from "./commands/history.ts";
import { logs } from "./commands/logs.ts";
import { pause } from "./commands/pause.ts";
import { pin } from "./commands/pin.ts";
import { plan } from "./commands/plan.ts";
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
import { version } from "./commands/version.ts";

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
  reload,
  validate,
  doctor,
  explain,
  completionCommand(() => commands),
  version,
  helpCommand(() => commands),
];
