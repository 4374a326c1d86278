// What an upload holds once archives are opened: pictures, sounds, or files of some other format.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProblemList } from "../problems.ts";
import { type ArchiveEntry, EntryError, listArchive } from "./archive.ts";
import { firstBytes, plainFile } from "./plain-file.ts";
import type { PlainFile, UnpackedBytes } from "./plain-file.ts";
import { partIn } from "./parts.ts";

type MediaKind = "images" | "audio";

/** One picture or sound, alone or from an archive. */
export interface MediaFile {
  /** As it was called, folders included; never used as a path. */
  name: string;
  bytes: number;
  /** Throws an EntryError that says what is wrong with the bytes. */
  read: () => Buffer;
  /** The uploaded file that it came in. */
  source: PlainFile;
}

type Entry = ArchiveEntry & { source: PlainFile };

export interface Contents {
  /** All of one kind; empty when the upload holds other files. */
  media: MediaFile[];
  kind: MediaKind | undefined;
  /** Beside pictures or sounds: the one table that may say what they are. */
  files: PlainFile[];
}

const kindOfName: readonly (readonly [RegExp, MediaKind])[] = [
  [/\.(png|jpe?g|webp)$/i, "images"],
  [/\.(wav|mp3)$/i, "audio"],
];

/** Of a file sent on its own its first bytes say it, whatever it is called. */
const kindOfBytes: readonly (readonly [RegExp, MediaKind])[] = [
  [/^(\x89PNG|\xff\xd8\xff|RIFF[^]{4}WEBP)/, "images"],
  [/^(RIFF[^]{4}WAVE|ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, "audio"],
];

/** A table that may say what the pictures or sounds beside it are. */
const tableName = /\.(csv|tsv)$/i;

const mebibyte = 1024 * 1024;
const archiveMagic = "PK\u0003\u0004";
const emptyArchiveMagic = "PK\u0005\u0006";
/** A table, arrays, texts: an archive of more is something else. */
const mostFilesInArchive = 64;

/** Nothing when there are problems of severity error. */
export async function openContents(
  files: readonly PlainFile[],
  request: { temporaryFolder: string; unpacked: UnpackedBytes; problems: ProblemList },
): Promise<Contents | undefined> {
  const { unpacked, problems } = request;
  const others: PlainFile[] = [];
  const found: Record<MediaKind, MediaFile[]> = { images: [], audio: [] };
  const inArchives: Entry[] = [];
  for (const file of files) {
    const head = firstBytes(file.path, 16).toString("latin1");
    if (head.startsWith(archiveMagic) || head.startsWith(emptyArchiveMagic)) {
      const entries = await listArchive(file, unpacked.most, problems);
      for (const entry of entries ?? []) {
        const kind = kindOfName.find(([pattern]) => pattern.test(entry.name))?.[1];
        if (kind === undefined) inArchives.push({ ...entry, source: file });
        else found[kind].push({ ...entry, source: file });
      }
      continue;
    }
    const kind = kindOfBytes.find(([pattern]) => pattern.test(head))?.[1];
    if (kind === undefined) others.push(file);
    else
      found[kind].push({ name: file.filename, bytes: file.bytes, read: () => readFileSync(file.path), source: file });
  }
  if (problems.errors > 0) return undefined;

  const { images, audio } = found;
  const kind = images.length + audio.length === 0 ? undefined : images.length >= audio.length ? "images" : "audio";
  if (kind !== undefined) {
    const listed = inArchives.filter(({ name }) => tableName.test(name));
    const sent = others.filter(({ filename }) => tableName.test(filename));
    const isListed = listed.length + sent.length === 1;
    const ignored = [
      ...(kind === "images" ? audio : images),
      ...inArchives.filter((entry) => !isListed || !listed.includes(entry)),
      ...others.filter((file) => !isListed || !sent.includes(file)).map(({ filename: name }) => ({ name })),
    ];
    if (ignored.length > 0) problems.add("ignored_files", { value: ignored[0].name }, ignored.length);
    const tables = isListed ? [...sent, ...(await unpackAll(listed, request))] : [];
    return problems.errors > 0 ? undefined : { kind, media: found[kind], files: tables };
  }
  const archived = await unpackAll(inArchives, request);
  return problems.errors > 0 ? undefined : { kind, media: [], files: [...others, ...archived] };
}

/** Writes the files of archives under names of ours; their own names stay hints for format and part. */
async function unpackAll(
  entries: readonly Entry[],
  { temporaryFolder, unpacked, problems }: Parameters<typeof openContents>[1],
): Promise<PlainFile[]> {
  const files: PlainFile[] = [];
  // What they promise to be; they are held to it. All archives of the upload together.
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const office = entries.find(({ name }) => name === "[Content_Types].xml");
  if (office !== undefined) problems.add("unsupported_format", {}, "an Excel workbook or another office document");
  else if (entries.length > mostFilesInArchive)
    problems.add(
      "unsupported_format",
      {},
      `an archive of ${entries.length} files that are neither pictures nor sounds`,
    );
  else if (bytes > unpacked.most - unpacked.count)
    problems.add("too_large_unpacked", {}, Math.floor(unpacked.most / mebibyte));
  else
    for (const [index, { name, unpackTo, source }] of entries.entries()) {
      const path = join(temporaryFolder, `entry-${index}`);
      try {
        await unpackTo(path);
      } catch (error) {
        if (!(error instanceof EntryError)) throw error;
        problems.add("unreadable_file", { value: name }, error.message);
        continue;
      }
      // A part that the name in the archive speaks of counts more than the field it was sent in.
      const field = partIn(name) === null ? source.field : undefined;
      const entry = { path, filename: name, archived: true, ...(field !== undefined && { field }) };
      const file = await plainFile(entry, `${path}-unpacked`, unpacked, problems);
      if (file !== undefined) files.push(file);
    }
  return files;
}
