import { bucketFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("a bucket of Ceph 20", bucketFleetStore);
