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
  contentType?: string;
  bytes: number;
  /** Of a multipart form. */
  field?: string;
  /** It came in an archive. */
  archived?: boolean;
}

export const mebibyte = 1024 * 1024;
/** Streams that move so much at once take a third of the time that their default of 16 KiB takes. */
const streamBytes = mebibyte;

/** Bytes of an upload that are unpacked already, and how many may be: all its files together. */
export interface UnpackedBytes {
  count: number;
  readonly most: number;
}

/** Unpacks `path` to `unpackedPath` when its first bytes say gzip, and stops where `unpacked` is full (a bomb guard). */
export async function plainFile<File extends { path: string; filename: string }>(
  file: File,
  unpackedPath: string,
  unpacked: UnpackedBytes,
  problems: ProblemList,
): Promise<(File & { bytes: number }) | undefined> {
  const refuse = () => problems.add("too_large_unpacked", {}, Math.floor(unpacked.most / mebibyte));
  const magic = firstBytes(file.path, 2);
  if (!(magic[0] === 0x1f && magic[1] === 0x8b)) {
    const bytes = statSync(file.path).size;
    unpacked.count += bytes;
    if (unpacked.count <= unpacked.most) return { ...file, bytes };
    refuse();
    return undefined;
  }
  let bytes = 0;
  const cap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      unpacked.count += chunk.length;
      done(unpacked.count > unpacked.most ? new RangeError("too large") : null, chunk);
    },
  });
  try {
    const packed = createReadStream(file.path, { highWaterMark: streamBytes });
    await pipeline(packed, createGunzip({ chunkSize: streamBytes }), cap, createWriteStream(unpackedPath));
  } catch (error) {
    if (error instanceof RangeError) refuse();
    else if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    else problems.add("broken_gzip", {}, (error as Error).message);
    return undefined;
  }
  return { ...file, path: unpackedPath, filename: file.filename.replace(/\.gz$/i, ""), bytes };
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

/** Lines of UTF-8 without their ends and without a byte order mark. */
export function* textLines(path: string): Generator<string> {
  const decoder = new TextDecoder("utf-8");
  let open = "";
  for (const piece of pieces(path)) {
    // A return at the end of the piece may be the first half of a line end.
    const lines = (open + decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    open = lines.pop()!;
    yield* lines;
  }
  open += decoder.decode();
  if (open !== "") yield open.replace(/\r$/, "");
}

/** Position of the last byte that ends a line, -1 without any. */
export const lastLineEnd = (bytes: Buffer) => Math.max(bytes.lastIndexOf("\n"), bytes.lastIndexOf("\r"));

/** The line (from 1) in which the byte at `offset` stands. Reads the file again: for places of problems only. */
export function lineAt(path: string, offset: number): number {
  let line = 1;
  let start = 0;
  for (const piece of pieces(path)) {
    const before = piece.subarray(0, Math.max(0, offset - start));
    for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line += 1;
    start += piece.length;
    if (start >= offset) break;
  }
  return line;
}
