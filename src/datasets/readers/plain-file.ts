// An uploaded file without its gzip wrapping, bounded in size, so that the readers and DuckDB see plain bytes.
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { ProblemList } from "../problems.ts";

export interface PlainFile {
  path: string;
  /** As uploaded, without ".gz"; never used as a path. */
  filename: string;
  contentType: string | undefined;
  bytes: number;
  /** Of a multipart form. */
  field?: string;
  /** It came in an archive. */
  archived?: boolean;
}

const mebibyte = 1024 * 1024;

/** Unpacks `path` to `unpackedPath` when its first bytes say gzip, and stops at `maximumBytes` (a bomb guard). */
export async function plainFile(
  file: { path: string; filename: string; contentType?: string; field?: string },
  unpackedPath: string,
  maximumBytes: number,
  problems: ProblemList,
): Promise<PlainFile | undefined> {
  const plain = { ...file, contentType: file.contentType };
  const magic = firstBytes(file.path, 2);
  if (!(magic[0] === 0x1f && magic[1] === 0x8b)) return sized(plain, file.path, maximumBytes, problems);
  let bytes = 0;
  const cap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maximumBytes ? new RangeError("too large") : null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(file.path), createGunzip(), cap, createWriteStream(unpackedPath));
  } catch (error) {
    if (error instanceof RangeError) problems.add("too_large_unpacked", {}, Math.floor(maximumBytes / mebibyte));
    else if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    else problems.add("broken_gzip", {}, (error as Error).message);
    return undefined;
  }
  return { ...plain, path: unpackedPath, filename: file.filename.replace(/\.gz$/i, ""), bytes };
}

function sized(
  file: Omit<PlainFile, "bytes">,
  path: string,
  maximumBytes: number,
  problems: ProblemList,
): PlainFile | undefined {
  const bytes = statSync(path).size;
  if (bytes > maximumBytes) problems.add("too_large_unpacked", {}, Math.floor(maximumBytes / mebibyte));
  return bytes > maximumBytes ? undefined : { ...file, path, bytes };
}

/** Up to `count` bytes from the start of a file. */
export function firstBytes(path: string, count: number): Buffer {
  const handle = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(count);
    return buffer.subarray(0, readSync(handle, buffer, 0, count, 0));
  } finally {
    closeSync(handle);
  }
}

/** The file in pieces of 4 MiB; each piece is only valid until the next. */
export function* pieces(path: string): Generator<Buffer> {
  const handle = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(4 * mebibyte);
    for (let size = readSync(handle, buffer); size > 0; size = readSync(handle, buffer)) yield buffer.subarray(0, size);
  } finally {
    closeSync(handle);
  }
}

/** Adds a problem when the file is empty, holds a NUL byte, or has a line of more than `maximumLine` bytes. */
export function checkText(file: PlainFile, problems: ProblemList, maximumLine = Infinity): void {
  if (file.bytes === 0) return problems.add("empty_file");
  let line = 1;
  let open = 0; // bytes of the line that the piece before left unfinished
  for (const piece of pieces(file.path)) {
    const nul = piece.indexOf(0);
    if (nul >= 0) return problems.add("nul_byte", { line: line + countLineEnds(piece.subarray(0, nul)) });
    const ends = [piece.indexOf("\n"), piece.indexOf("\r")].filter((at) => at >= 0);
    const first = ends.length === 0 ? piece.length : Math.min(...ends);
    if (open + first > maximumLine) return problems.add("line_too_long", { line }, maximumLine / mebibyte);
    open =
      ends.length === 0
        ? open + piece.length
        : piece.length - 1 - Math.max(piece.lastIndexOf("\n"), piece.lastIndexOf("\r"));
    line += countLineEnds(piece);
  }
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
