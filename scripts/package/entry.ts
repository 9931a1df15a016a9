/** One thing that a package puts on a host. Everything belongs to root; folders come with what is in them. */
export type Entry =
  | { readonly path: string; readonly content: string | Uint8Array; readonly mode: 0o644 | 0o755 }
  | { readonly path: string; readonly link: string }
  | { readonly path: string; readonly folder: true };
