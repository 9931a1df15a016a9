import type { Schema } from "../../domain/options.ts";
import { registry } from "../driver.ts";
import { file } from "./file.ts";
import { http } from "./http.ts";
import { rackspace } from "./rackspace.ts";
import type { RepositoryDefinition } from "./repository.ts";
import { s3 } from "./s3.ts";
import { swift } from "./swift.ts";

/** Every repository that the configuration can name: one file, one line. */
export const repositories = registry<RepositoryDefinition<Schema, Schema>>("repository", [
  file,
  http,
  s3,
  swift,
  rackspace,
]);
