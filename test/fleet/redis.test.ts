import { redisFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("one Redis server", redisFleetStore);
