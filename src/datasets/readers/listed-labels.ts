// A table that comes with pictures or sounds and says what they are: one of its columns names the files, the others become
// columns of the dataset. "clips/7.wav", "7.wav" and "7" name the same file where no other is called so.
import { selectRows } from "../duckdb.ts";
import type { ProblemList } from "../problems.ts";
import type { MediaFile } from "./contents.ts";
import { readCsv } from "./csv.ts";
import type { PlainFile } from "./plain-file.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";

/** Columns of text beside the media, and one list of cells for each file. */
interface ListedLabels {
  names: string[];
  cells: string[][];
}

interface Listing {
  names: readonly string[];
  rows: readonly (readonly string[])[];
  linesOf: RawTable["linesOf"];
}

/** Nothing when no column names more than half of the files: the table is then about something else. */
export async function listedLabels(request: ReadRequest, file: PlainFile): Promise<ListedLabels | undefined> {
  const { media, problems } = request;
  const listing = await readListing(request, file);
  if (listing === undefined) return undefined;
  const { names, rows } = listing;
  const placeOf = placesByName(media);
  const known = names.map((_, column) => rows.filter((row) => placeOf.has(row[column])).length);
  const column = known.indexOf(Math.max(...known));
  if (2 * known[column] <= media.length) {
    problems.add("ignored_files", { value: file.filename }, 1);
    return undefined;
  }
  const cells: string[][] = [];
  const wrong: { code: "unknown_file" | "listed_twice"; row: number; value: string }[] = [];
  rows.forEach((row, index) => {
    const place = placeOf.get(row[column]);
    if (place !== undefined && cells[place] === undefined) cells[place] = row.toSpliced(column, 1);
    else
      wrong.push({ code: place === undefined ? "unknown_file" : "listed_twice", row: index + 1, value: row[column] });
  });
  const lines = wrong.length === 0 ? undefined : listing.linesOf?.(wrong.map(({ row }) => row));
  for (const { code, row, value } of wrong) problems.add(code, { line: lines?.get(row) ?? null, value });
  addUnlisted(media, cells, problems);
  return { names: names.toSpliced(column, 1), cells };
}

/** Its cells as text, "" where they are missing. */
async function readListing(request: ReadRequest, file: PlainFile): Promise<Listing | undefined> {
  const { connection, options, problems } = request;
  const format = /\.tsv$/i.test(file.filename) ? "tsv" : "csv";
  // Of the options only those that say how text is cut are about this table.
  const { delimiter, header, quoted } = options;
  const table = await readCsv({ ...request, files: [file], media: [], format, options: { delimiter, header, quoted } });
  if (table === undefined) return undefined;
  const rows = await selectRows(connection, `select * from ${table.source}`);
  await table.afterReading?.();
  if (problems.errors > 0) return undefined;
  // Every cell is text or missing.
  const cells = (rows as (string | null)[][]).map((row) => row.map((cell) => cell ?? ""));
  return { names: table.names, rows: cells, linesOf: table.linesOf };
}

/** Every name that means one file: its path, the end of it, with and without its ending. */
function placesByName(media: readonly MediaFile[]): Map<string, number> {
  const places = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const [index, { name }] of media.entries()) {
    const path = name.split("/");
    for (let depth = 0; depth < path.length; depth++) {
      const end = path.slice(depth).join("/");
      for (const called of [end, end.replace(/\.[^./]*$/, "")]) {
        if (places.has(called)) ambiguous.add(called);
        places.set(called, index);
      }
    }
  }
  for (const called of ambiguous) places.delete(called);
  return places;
}

function addUnlisted(media: readonly MediaFile[], cells: readonly string[][], problems: ProblemList): void {
  for (const [index, { name }] of media.entries()) {
    if (cells[index] === undefined) problems.add("unlisted_file", { row: index + 1, value: name });
  }
}
