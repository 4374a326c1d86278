// The one name of a database file, whatever links lead to it: what lies beside the file is named after it.
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The path without symbolic links; of a file that does not exist yet, that of its folder. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return join(realpathSync(dirname(path)), basename(path));
  }
}
