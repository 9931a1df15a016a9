import { sentinelFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("Redis with three sentinels", sentinelFleetStore);
