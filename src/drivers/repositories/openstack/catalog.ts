import { failure } from "../../../domain/failures/failure.ts";

/** One address of the object store, as a catalogue of services has it. */
export interface Endpoint {
  readonly region?: string | undefined;
  readonly region_id?: string | undefined;
  readonly interface?: string | undefined;
  readonly url?: string | undefined;
}

export interface Wanted {
  /** Compared without regard to case. */
  readonly region: string | undefined;
  readonly interface: string;
  /** The user's own region, where the service tells; taken when none is wished and there are several. */
  readonly preferred?: string | undefined;
}

/** The address of the object store in the wanted region. Throws "endpoint-missing", which names the regions there are. */
export function endpointFor(endpoints: readonly Endpoint[], wanted: Wanted): string {
  const usable = endpoints.filter((one) => one.interface === wanted.interface && typeof one.url === "string");
  const regions = [...new Set(usable.map(regionOf))];
  const region = wanted.region ?? (regions.length > 1 ? wanted.preferred : regions[0]);
  const found = usable.find((one) => region !== undefined && regionOf(one).toLowerCase() === region.toLowerCase());
  if (found?.url !== undefined) return found.url;
  throw failure("endpoint-missing", {
    interface: wanted.interface,
    region: region === undefined ? "" : ` in the region ${region}`,
    regions: regions.length === 0 ? "none" : regions.join(", "),
  });
}

function regionOf({ region, region_id: id }: Endpoint): string {
  return region ?? id ?? "";
}
