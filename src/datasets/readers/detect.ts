// Which format a file has: what the caller says, else the content type, else the file name, else the first bytes.
import type { DatasetFormat } from "../../contract/dataset.ts";
import type { ProblemList } from "../problems.ts";
import type { Contents } from "./contents.ts";
import { preambleOf, withoutLines } from "./csv-preamble.ts";
import { pairsOf } from "./parallel-text.ts";
import { sniffDelimiter } from "./csv-records.ts";
import { firstBytes } from "./plain-file.ts";
import type { PlainFile } from "./plain-file.ts";

/** Content types that leave the question open (octet-stream, gzip, what `curl -d` sends) are not listed. */
const byContentType: Record<string, DatasetFormat> = {
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/jsonl": "ndjson",
  "application/vnd.apache.parquet": "parquet",
};

const byFilename: readonly (readonly [RegExp, DatasetFormat])[] = [
  [/\.csv$/i, "csv"],
  [/\.(tsv|tab)$/i, "tsv"],
  [/\.json$/i, "json"],
  [/\.(ndjson|jsonl)$/i, "ndjson"],
  [/\.(parquet|pq)$/i, "parquet"],
  [/[.-]idx\d?(-ubyte)?$/i, "idx"],
  [/\.npy$/i, "npy"],
];

/** Tried in this order on the first bytes. */
const byFirstBytes: readonly { says: (head: Buffer, text: string) => boolean; format: DatasetFormat }[] = [
  { says: (head) => head.subarray(0, 4).toString("latin1") === "PAR1", format: "parquet" },
  { says: (head) => head.subarray(0, 6).toString("latin1") === "\u0093NUMPY", format: "npy" },
  // IDX: two zero bytes, the element type, the number of dimensions (LeCun's MNIST page, 1998).
  {
    says: (head) => head.length >= 8 && head[0] === 0 && head[1] === 0 && head[2] >= 8 && head[2] <= 14 && head[3] <= 4,
    format: "idx",
  },
  { says: (_head, text) => text.startsWith("["), format: "json" },
  { says: (_head, text) => text.startsWith("{") && firstLineIsRow(text), format: "ndjson" },
  { says: (_head, text) => text.startsWith("{"), format: "json" },
  {
    says: (_head, text) => text.split("\n", 1)[0].includes("\t") && !text.split("\n", 1)[0].includes(","),
    format: "tsv",
  },
  { says: (_head, text) => isProse(text), format: "text" },
  { says: (head) => head.length > 0, format: "csv" },
];

/** Formats that are easily sent by mistake, named in the refusal. */
const notRead: readonly (readonly [string, string])[] = [
  ["GIF8", "a GIF picture"],
  ["II*\0", "a TIFF picture"],
  ["MM\0*", "a TIFF picture"],
  ["fLaC", "a FLAC sound"],
  ["OggS", "an Ogg sound"],
  ["\u00d0\u00cf\u0011\u00e0", "an old Excel workbook"],
  ["%PDF", "a PDF"],
  ["\u0089HDF", "an HDF5 file"],
  ["ARROW1", "an Arrow file"],
  ["SQLite format 3", "an SQLite database"],
  ["\u0028\u00b5\u002f\u00fd", "Zstandard-compressed data"],
  ["BZh", "bzip2-compressed data"],
];

/** The one format of an upload; undefined, with a problem, when there is none or the files are of several. */
export function formatOf(
  { kind, files }: Contents,
  asked: DatasetFormat | undefined,
  problems: ProblemList,
): DatasetFormat | undefined {
  if (kind !== undefined) return kind;
  if (files.every(({ bytes }) => bytes === 0)) {
    problems.add("empty_file");
    return undefined;
  }
  const found = files.map((file) => detectFormat(file, asked));
  const instead = found.find((one) => one.instead !== undefined)?.instead;
  if (instead !== undefined) problems.add("unsupported_format", {}, instead);
  if (asked === "images" || asked === "audio") problems.add("no_media", {}, asked);
  if (problems.errors > 0) return undefined;
  const [{ format }] = found;
  // Two files of plain text that differ in nothing but a language are a pair of translations.
  const known = byFilename.some(([pattern]) => files.some(({ filename }) => pattern.test(filename)));
  if (
    asked === undefined &&
    !known &&
    files.length > 1 &&
    pairsOf(files) !== undefined &&
    format !== "idx" &&
    format !== "npy"
  )
    return "text";
  if (format === undefined) problems.add("unknown_format");
  const other = found.findIndex((one) => one.format !== format);
  // A damaged IDX file looks like anything: its reader says what is wrong with it.
  if (other > 0 && format !== "idx")
    problems.add(
      "wrong_file_count",
      {},
      `"${files[0].filename}" is ${format}, "${files[other].filename}" is ${found[other].format}.`,
    );
  return format === "npy" && files.every(({ archived }) => archived) ? "npz" : format;
}

/** The format of `file`, or what it is instead ("a PDF"); both undefined for an empty file. */
function detectFormat(file: PlainFile, asked: DatasetFormat | undefined): { format?: DatasetFormat; instead?: string } {
  const head = firstBytes(file.path, 64 * 1024);
  const start = head.subarray(0, 16).toString("latin1");
  const instead = notRead.find(([magic]) => start.startsWith(magic))?.[1];
  if (instead !== undefined) return { instead };
  if (asked !== undefined) return { format: asked };
  const mediaType = file.contentType?.split(";", 1)[0].trim().toLowerCase() ?? "";
  const whole = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  const text = withoutLines(whole, preambleOf(whole).lines);
  const format =
    (Object.hasOwn(byContentType, mediaType) ? byContentType[mediaType] : undefined) ??
    byFilename.find(([pattern]) => pattern.test(file.filename))?.[1] ??
    byFirstBytes.find(({ says }) => says(head, text))?.format;
  return format === undefined ? {} : { format };
}

/** A delimiter that scores less stands in the text by chance. */
const leastScore = 0.3;

/** Lines of several words each that no delimiter cuts into fields, and no quote holds together. */
function isProse(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length < 2 || lines.some((line) => line.startsWith('"'))) return false;
  const ofWords = lines.filter((line) => /\S\s+\S/.test(line)).length;
  return ofWords > lines.length / 2 && sniffDelimiter(text).score < leastScore;
}

/** True when the first line alone is a JSON object that is no envelope. */
function firstLineIsRow(text: string): boolean {
  try {
    return !Array.isArray((JSON.parse(text.split("\n", 1)[0]) as { rows?: unknown }).rows);
  } catch {
    return false;
  }
}
