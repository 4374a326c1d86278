// ZIP archives: what is in them, and the bytes of one entry at a time. Nothing is ever written under a name from an archive.
import { closeSync, createReadStream, createWriteStream, openSync, readSync, writeFileSync } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { Entry } from "yauzl";
import type { ProblemCode, ProblemList } from "../problems.ts";
import type { PlainFile } from "./plain-file.ts";

export interface ArchiveEntry {
  /** As in the archive, with "/" between folders; never used as a path. */
  name: string;
  /** unpacked, as the directory says; `read` holds it to that */
  bytes: number;
  /** The unpacked bytes, all in memory. Throws an EntryError that says what is wrong with them. */
  read: () => Buffer;
  /** The same, piece by piece into a new file. */
  unpackTo: (path: string) => Promise<void>;
}

/** What is wrong with the bytes of one file, in the middle of a sentence: "is damaged". */
export class EntryError extends Error {}

const mostEntries = 200_000;
const mebibyte = 1024 * 1024;
/** Deflate reaches 1032 to 1 on zeros alone; no data come near this when they are large. */
const bombRatio = 500;
const bombBytes = 100 * mebibyte;
const stored = 0;
const deflated = 8;
const encryptedFlag = 1;
/** Unix file types stand in the upper half of the external attributes (APPNOTE.TXT 4.4.15, as Info-ZIP uses it). */
const fileTypeMask = 0o170000;
const symbolicLink = 0o120000;
const localHeaderBytes = 30;

/** Left behind by operating systems; nobody means to send them. */
const litter = /(^|\/)(__MACOSX\/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/;

/** Everything that makes an entry unreadable or unsafe: the first that holds refuses it. */
const entryFaults: readonly { code: ProblemCode; facts: string; when: (entry: Entry) => boolean }[] = [
  {
    code: "unsafe_entry",
    facts: "a link",
    when: (entry) => ((entry.externalFileAttributes >>> 16) & fileTypeMask) === symbolicLink,
  },
  {
    code: "unreadable_file",
    facts: "is encrypted",
    when: (entry) => (entry.generalPurposeBitFlag & encryptedFlag) !== 0,
  },
  {
    code: "unreadable_file",
    facts: "is compressed in a way that is not read here",
    when: ({ compressionMethod }) => compressionMethod !== stored && compressionMethod !== deflated,
  },
  {
    code: "unreadable_file",
    facts: "is an archive within the archive",
    when: ({ fileName }) => /\.(zip|tar|tgz|7z|rar)$/i.test(fileName),
  },
  {
    code: "archive_bomb",
    facts: "",
    when: ({ uncompressedSize, compressedSize }) =>
      uncompressedSize > bombBytes && uncompressedSize > bombRatio * compressedSize,
  },
];

/** The files in an archive, in its order; nothing when there are problems. At most `maximumBytes` unpacked, all together. */
export async function listArchive(
  file: PlainFile,
  maximumBytes: number,
  problems: ProblemList,
): Promise<ArchiveEntry[] | undefined> {
  const entries: ArchiveEntry[] = [];
  const names = new Set<string>();
  let bytes = 0;
  let compressedBytes = 0;
  const before = problems.errors;
  try {
    const { default: yauzl } = await import("yauzl");
    const archive = await yauzl.openPromise(file.path);
    if (archive.entryCount > mostEntries) problems.add("too_many_entries", {}, archive.entryCount);
    else
      for await (const entry of archive.eachEntry()) {
        const { fileName: name } = entry;
        if (name.endsWith("/") || litter.test(name)) continue;
        const fault = entryFaults.find(({ when }) => when(entry));
        if (fault !== undefined) problems.add(fault.code, { value: name }, fault.facts);
        if (names.has(name)) problems.add("unreadable_file", { value: name }, "stands twice in the archive");
        names.add(name);
        bytes += entry.uncompressedSize;
        compressedBytes += entry.compressedSize;
        entries.push({
          name,
          bytes: entry.uncompressedSize,
          read: () => readEntry(file, entry),
          unpackTo: (path) => unpackEntry(file, entry, path),
        });
      }
    archive.close();
  } catch (error) {
    const { message } = error as Error;
    const outside = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec(message);
    if (outside !== null) problems.add("unsafe_entry", { value: outside[1] }, "a name that leads out of the archive");
    else problems.add("broken_archive", {}, message.split("\n", 1)[0]);
  }
  if (bytes > maximumBytes) problems.add("too_large_unpacked", {}, Math.floor(maximumBytes / mebibyte));
  // Entries that share their bytes unpack to far more than there is (Fifield, "A better zip bomb", 2019).
  if (compressedBytes > file.bytes) problems.add("broken_archive", {}, "its files overlap");
  return problems.errors > before ? undefined : entries;
}

function readEntry(file: PlainFile, entry: Entry): Buffer {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  const handle = openSync(file.path, "r");
  try {
    const packed = readAt(handle, dataStart(handle, entry), compressedSize);
    const bytes = compressionMethod === stored ? packed : inflate(packed, uncompressedSize);
    if (bytes.length !== uncompressedSize || crc32(bytes) !== entry.crc32) throw new EntryError("is damaged");
    return bytes;
  } finally {
    closeSync(handle);
  }
}

async function unpackEntry(file: PlainFile, entry: Entry, path: string): Promise<void> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry;
  if (compressedSize === 0) return writeFileSync(path, "");
  const handle = openSync(file.path, "r");
  const start = dataStart(handle, entry);
  closeSync(handle);
  let bytes = 0;
  let checksum = 0;
  const check = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      checksum = crc32(piece, checksum);
      done(bytes > uncompressedSize ? new EntryError("is damaged") : null, piece);
    },
  });
  const packed = createReadStream(file.path, { start, end: start + compressedSize - 1 });
  const target = createWriteStream(path);
  try {
    if (compressionMethod === stored) await pipeline(packed, check, target);
    else await pipeline(packed, createInflateRaw(), check, target);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? error : new EntryError("is damaged");
  }
  if (bytes !== uncompressedSize || checksum !== entry.crc32) throw new EntryError("is damaged");
}

/** Where the bytes of an entry start: behind its local header, whose length the directory does not say. */
function dataStart(handle: number, { relativeOffsetOfLocalHeader: start }: Entry): number {
  const header = readAt(handle, start, localHeaderBytes);
  return start + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function readAt(handle: number, position: number, count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  if (readSync(handle, bytes, 0, count, position) !== count) throw new EntryError("is cut off");
  return bytes;
}

/** Stops at the size that the directory promised. */
function inflate(packed: Buffer, bytes: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch {
    throw new EntryError("is damaged");
  }
}
