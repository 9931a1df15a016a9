import { registry } from "../driver.ts";
import { file } from "./file.ts";
import { tarBz2 } from "./tar.bz2.ts";
import { tarGz } from "./tar.gz.ts";
import { tar } from "./tar.ts";
import { tarXz } from "./tar.xz.ts";
import { tarZst } from "./tar.zst.ts";
import { zip } from "./zip.ts";

/** The archive formats, in the order in which their bytes are tried; "file" takes whatever the others leave. */
export const archives = registry("archive", [tarGz, tarZst, tarXz, tarBz2, zip, tar, file]);
