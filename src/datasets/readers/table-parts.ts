// Several tables of one format, such as train.csv and test.csv → one table with a column that says which part a row is of.
import { sqlText } from "../cell.ts";
import { selectRows } from "../duckdb.ts";
import { type Part, partColumn, partOfUpload } from "./parts.ts";
import type { PlainFile } from "./plain-file.ts";
import type { RawTable, Reader, ReadRequest } from "./raw-table.ts";

/** A reader of one file made to read several. */
export function inParts(reader: Reader): Reader {
  return async (request) => (request.files.length === 1 ? await reader(request) : await readParts(reader, request));
}

interface ReadPart {
  file: PlainFile;
  part: Part;
  raw: RawTable;
  rows: number;
}

async function readParts(reader: Reader, request: ReadRequest): Promise<RawTable | undefined> {
  const { connection, files, problems } = request;
  const parts = partsOf(files);
  if (parts === undefined) {
    const names = files.map(({ filename }) => `"${filename}"`).join(", ");
    problems.add(
      "wrong_file_count",
      {},
      `There are ${files.length} files, and their names do not say which part is which: ${names}.`,
    );
    return undefined;
  }
  const read: ReadPart[] = [];
  for (const [index, file] of files.entries()) {
    const known = problems.kept.length;
    const table = `${request.table}_${index}`;
    const raw = await reader({ ...request, files: [file], table: `${table}_cells` });
    if (raw !== undefined && problems.errors === 0) {
      await connection.run(`create table ${table} as select * from ${raw.source}`);
      await raw.afterReading?.();
      const [[rows]] = await selectRows(connection, `select count(*)::integer from ${table}`);
      read.push({ file, part: parts[index], raw: { ...raw, source: table }, rows: rows as number });
    }
    for (const problem of problems.kept.slice(known)) problem.file ??= file.filename;
  }
  if (problems.errors > 0 || read.length < files.length) return undefined;
  const [first, ...others] = read;
  for (const { file, raw } of others) {
    const missing = first.raw.names.filter((name) => !raw.names.includes(name));
    const more = raw.names.filter((name) => !first.raw.names.includes(name));
    const differences = [...missing.map((name) => `"${name}" is missing`), ...more.map((name) => `"${name}" is new`)];
    differences.push(
      ...first.raw.names
        .filter((name) => raw.names.includes(name) && kindOf(raw, name) !== kindOf(first.raw, name))
        .map((name) => `"${name}" holds ${kindOf(raw, name)}, not ${kindOf(first.raw, name)}`),
    );
    if (differences.length > 0)
      problems.add("parts_differ", { value: file.filename }, differences.slice(0, 10).join(", "));
  }
  return problems.errors > 0 ? undefined : union(read);
}

/** What a column holds as far as parts must agree in it. */
function kindOf(raw: RawTable, name: string): string {
  const media = mediaOf(raw, name);
  return media?.type !== "sequence" ? "single values" : `sequences of ${media.shape[1]} channels`;
}

const mediaOf = (raw: RawTable, name: string) => raw.media.get(raw.names.indexOf(name));

/** A column of sequences has the length of those of all parts, 0 where they differ. */
function joinedMedia(read: readonly ReadPart[]): RawTable["media"] {
  const joined: RawTable["media"] = new Map();
  for (const [index, name] of read[0].raw.names.entries()) {
    const found = read.flatMap(({ raw }) => mediaOf(raw, name) ?? []);
    const lengths = new Set(found.map((media) => (media.type === "sequence" ? media.shape[0] : 0)));
    const [first] = found;
    if (first?.type === "sequence")
      joined.set(index, { ...first, shape: [lengths.size === 1 ? first.shape[0] : 0, first.shape[1]] });
  }
  return joined;
}

/** The part of each file. A single one that says nothing is for training when there is another part. */
function partsOf(files: readonly PlainFile[]): Part[] | undefined {
  const found = files.map(partOfUpload);
  const silent = found.filter((part) => part === null).length;
  if (silent > 1 || (silent === 1 && found.includes("train"))) return undefined;
  return new Set(found).size < 2 ? undefined : found.map((part) => part ?? "train");
}

function union(read: readonly ReadPart[]): RawTable {
  const { raw } = read[0];
  // A table may bring its own column "split": then that one counts.
  const named = raw.names.includes(partColumn);
  const selects = read.map(({ raw: { source, names }, part }) => {
    const cells = raw.names.map((name, index) => `c${names.indexOf(name)} as c${index}`);
    return `select ${[...cells, ...(named ? [] : [`${sqlText(part)} as c${raw.names.length}`])].join(", ")} from ${source}`;
  });
  /** The file of a row, and its row in it. */
  const placeOf = (row: number) => {
    let start = 0;
    for (const one of read) {
      if (row <= start + one.rows) return { one, start };
      start += one.rows;
    }
    throw new RangeError(`There is no row ${row}.`);
  };
  const { likelyTypes: _, sourceWith: __, notNumbers: ___, ...common } = raw;
  return {
    ...common,
    source: `(${selects.join(" union all ")})`,
    names: named ? raw.names : [...raw.names, partColumn],
    media: joinedMedia(read),
    stringColumns: new Set(
      [...raw.stringColumns].filter((index) =>
        read.every((one) => one.raw.stringColumns.has(one.raw.names.indexOf(raw.names[index]))),
      ),
    ),
    fileOf: (row) => placeOf(row).one.file.filename,
    linesOf(rows) {
      const lines = new Map<number, number>();
      let start = 0;
      for (const { raw: part, rows: count } of read) {
        const own = rows.filter((row) => row > start && row <= start + count).map((row) => row - start);
        for (const [row, line] of part.linesOf?.(own) ?? []) lines.set(row + start, line);
        start += count;
      }
      return lines;
    },
    afterReading: async () => {},
  };
}
