/** What the loader needs of the world; the real one stands in disk.ts. */
export interface ConfigPorts {
  /** The bytes of a file, or why there are none. At most `limit` bytes and one more are read. */
  read(path: string, limit: number): ReadAnswer;
  /** The names in a folder, in no order; `undefined` when there is no such folder. */
  list(path: string): readonly string[] | undefined;
  /** Who owns what the path leads to (links followed) and who may write it; `undefined` when nothing is there. */
  inspect(path: string): FileFacts | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** User number of this process; permissions are judged when it is 0. */
  readonly userId: number;
  readonly workingDirectory: string;
  readonly hostname: string;
}

export type ReadAnswer =
  /** `facts`: of the very file that was read. */
  | { readonly bytes: Uint8Array; readonly facts: Pick<FileFacts, "userId" | "mode"> }
  /** A clause for a person: "there is no such file". */
  | { readonly problem: string };

export interface FileFacts {
  readonly userId: number;
  /** Permission bits, as in 0o644. */
  readonly mode: number;
  /** The path after all links. */
  readonly realPath: string;
}
