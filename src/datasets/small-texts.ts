// Which uploads are read in a process that is kept for more of them: what is short and plain cannot take it long.
import { open } from "node:fs/promises";

const mostBytes = 1024 * 1024;
const headBytes = 512;
/** Texts have no control characters below the tab; the formats of bytes (gzip, ZIP, Parquet, NPY, IDX) have them in their heads. */
const tab = 9;

/** Whether the files together are short, and none of them is compressed, an archive or of another format of bytes. */
export async function areSmallTexts(files: readonly { path: string }[]): Promise<boolean> {
  let bytes = 0;
  for (const { path } of files) {
    const file = await open(path);
    try {
      bytes += (await file.stat()).size;
      if (bytes > mostBytes) return false;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      if (buffer.subarray(0, bytesRead).some((byte) => byte < tab)) return false;
    } finally {
      await file.close();
    }
  }
  return true;
}
