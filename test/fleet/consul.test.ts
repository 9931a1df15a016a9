import { consulFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("three Consul servers", consulFleetStore);
