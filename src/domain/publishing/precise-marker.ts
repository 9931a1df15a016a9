import type { Marker } from "../release.ts";

/**
 * Whether the store tells any two documents apart, however soon one takes the place of the other. Web servers make an ETag of
 * time and size, in whole seconds, and call it strong; two documents of one channel often have the same size.
 */
export function isPrecise({ etag }: Marker): boolean {
  return etag !== undefined && !etag.startsWith("W/") && !/^"[0-9a-f]{1,16}(?:-[0-9a-f]{1,16}){1,2}"$/i.test(etag);
}
