import type { UpdateRecord } from "../../update/record.ts";
import type { ServiceState } from "../../update/service-state.ts";

/** All that must never be lost of one service; the database and the second copy both hold it. */
export interface Remembered {
  /** Grows by one with every change; the greater one is the newer. */
  readonly revision: number;
  readonly state: ServiceState;
  readonly update?: UpdateRecord;
}
