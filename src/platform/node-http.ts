/**
 * Node's http, taken without an import statement: that one reads every export once, WebSocket among them, and so loads a
 * whole second client (undici) that nobody here uses: 17 MB in each process. `import type` costs nothing.
 */
export const http = process.getBuiltinModule("node:http");

/** Node's https, loaded when the first address asks for it: TLS takes 5 MB. */
export function loadHttps() {
  return process.getBuiltinModule("node:https");
}
