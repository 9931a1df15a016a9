import type { ServiceDeclaration } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { Span } from "./hcl/source.ts";

/** A service, with the places that later checks want to name. */
export interface DecodedService {
  readonly service: ServiceDeclaration;
  readonly context: DecodeContext;
  readonly nameSpan: Span;
  readonly destinationSpan: Span;
}
