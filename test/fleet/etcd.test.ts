import { etcdFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("three etcd members", etcdFleetStore);
