import { folderFleetStore } from "./fleet-stores.ts";
import { fleetSoak } from "./soak.ts";

fleetSoak("a shared folder", folderFleetStore);
