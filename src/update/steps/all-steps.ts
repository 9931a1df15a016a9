import type { Evidence } from "../evidence.ts";
import type { Steps } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { acquiring } from "./acquiring.ts";
import { adopting } from "./adopting.ts";
import { runningAfterHooks } from "./after-hooks.ts";
import { runningBeforeHooks } from "./before-hooks.ts";
import { checkingHealth } from "./checking-health.ts";
import { committing } from "./committing.ts";
import { confirming } from "./confirming.ts";
import { fencing } from "./fencing.ts";
import { fetching } from "./fetching.ts";
import { finishing } from "./finishing.ts";
import { reporting } from "./reporting.ts";
import { runningReportHooks } from "./reporting-hooks.ts";
import { checkingRestored, restoring } from "./restoring.ts";
import {
  checkingRollback,
  runningRollbackAfterHooks,
  runningRollbackBeforeHooks,
  switchingBack,
} from "./rolling-back.ts";
import { staging } from "./staging.ts";
import { switching } from "./switching.ts";
import { verifying } from "./verifying.ts";

/** The step of every state. */
export function allSteps(ports: UpdatePorts, evidence: Evidence): Steps {
  return {
    fetching: fetching(ports),
    verifying: verifying(ports),
    staging: staging(ports),
    acquiring: acquiring(ports),
    confirming: confirming(ports),
    "running-before-hooks": runningBeforeHooks(ports, evidence),
    adopting: adopting(ports, evidence),
    fencing: fencing(ports),
    switching: switching(ports, evidence),
    "running-after-hooks": runningAfterHooks(ports, evidence),
    "checking-health": checkingHealth(ports, evidence),
    committing: committing(ports),
    "running-success-hooks": runningReportHooks("success", ports, evidence),
    restoring: restoring(ports, evidence),
    "checking-restored": checkingRestored(ports, evidence),
    "running-rollback-before-hooks": runningRollbackBeforeHooks(ports, evidence),
    "switching-back": switchingBack(ports, evidence),
    "running-rollback-after-hooks": runningRollbackAfterHooks(ports, evidence),
    "checking-rollback": checkingRollback(ports, evidence),
    "running-failure-hooks": runningReportHooks("failure", ports, evidence),
    reporting: reporting(ports),
    finishing: finishing(ports),
  };
}
