// Arrays side by side → one table: rows are the first axis, names and shapes say what the columns are.
import {
  BLOB,
  DOUBLE,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  VARCHAR,
  blobValue,
  listValue,
} from "@duckdb/node-api";
import type { ProblemList } from "../problems.ts";
import { EntryError } from "./archive.ts";
import { parseIdx } from "./idx.ts";
import { parseNpy } from "./npy.ts";
import { columnTypeOf, type Element, elementReader, type NumberArray, readBytes, rowElements } from "./number-array.ts";
import { type Part, partColumn, partOfUpload } from "./parts.ts";
import type { LikelyType } from "./likely-types.ts";
import type { PlainFile } from "./plain-file.ts";
import { checkNames } from "./raw-table.ts";
import type { MediaColumn, RawTable, ReadRequest } from "./raw-table.ts";
import { numberSql } from "./typed-columns.ts";

type Role = "features" | "label" | "other";

interface GivenArray {
  file: PlainFile;
  part: Part | null;
  role: Role;
  /** of the column, or what the numbered columns of a matrix begin with */
  name: string;
  array: NumberArray;
}

/** What an array becomes: one column of numbers or text, a column for each of its own columns, or one of media. */
interface Column {
  name: string;
  type: DuckDBType;
  media: MediaColumn | undefined;
}

/** Names without the word for the part, such as "x" of "x_train" and "images" of "t10k-images-idx3-ubyte". */
const roles: readonly (readonly [RegExp, Role])[] = [
  [/^(x|data|features?|inputs?|images?|arr_?0|)$/, "features"],
  [/^(y|labels?|targets?|class(es)?|outputs?|arr_?1)$/, "label"],
];
const partWords = /(^|[^a-z])(train|training|val|valid|validation|dev|test|testing|t10k)(?=[^a-z]|$)/gi;
const chunkRows = 2048;
const chunkBytes = 32 * 1024 * 1024;

/** NPY files, alone, several or from an NPZ archive. */
export const readNpy = (request: ReadRequest) => readArrays(request, { parse: parseNpy, roleOf: roleByName });
/** IDX files of images and labels, a pair for each part. */
export const readIdx = (request: ReadRequest) =>
  readArrays(request, { parse: parseIdx, roleOf: roleByAxes, check: needsLabels });

interface ArrayFormat {
  parse: (file: PlainFile) => NumberArray;
  roleOf: (name: string, array: NumberArray) => Role;
  check?: (group: readonly GivenArray[], problems: ProblemList) => void;
}

async function readArrays(request: ReadRequest, { check, ...format }: ArrayFormat): Promise<RawTable | undefined> {
  const { connection, problems, table } = request;
  const groups = groupsOf(parseAll(request, format), problems);
  groups?.forEach((group) => check?.(group, problems));
  if (groups === undefined || problems.errors > 0) return undefined;
  const [first] = groups;
  const layout = first.map(columnsOf);
  const inParts = first[0].part !== null;
  const columns = layout.flat();
  const names = [...columns.map(({ name }) => name), ...(inParts ? [partColumn] : [])];
  checkNames(names, null, problems);
  if (problems.errors > 0) return undefined;

  const types = [...columns.map(({ type }) => type), ...(inParts ? [VARCHAR] : [])];
  await connection.run(
    `create table ${table} (${types.map((type, index) => `c${index} ${type.toString()}`).join(", ")})`,
  );
  const appender = await connection.createAppender(table);
  for (const group of groups) {
    const rows = group[0].array.shape[0];
    const step = stepOf(group);
    for (let start = 0; start < rows; start += step) {
      const end = Math.min(rows, start + step);
      const chunk = DuckDBDataChunk.create(types, end - start);
      const cells = group.flatMap(({ array }, index) => cellsOf(array, layout[index], start, end));
      if (inParts) cells.push(Array.from({ length: end - start }, () => group[0].part!));
      cells.forEach((values, index) => chunk.setColumnValues(index, values));
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
  const sourceWith = (numbers: ReadonlySet<number>, missing: readonly string[]) => {
    const cells = types.map((_, index) => {
      const single = numbers.has(index) ? numberSql(`c${index}`, missing) : `cast(c${index} as varchar)`;
      return columns[index]?.media === undefined ? `${single} as c${index}` : `c${index}`;
    });
    return `(select ${cells.join(", ")} from ${table})`;
  };
  const media = new Map(
    columns.flatMap(({ media: kind }, index) => (kind === undefined ? [] : [[index, kind] as const])),
  );
  return {
    source: sourceWith(new Set(), []),
    sourceWith,
    likelyTypes: likelyNumbers(columns),
    names,
    media,
    stringColumns: new Set(),
    // The cells are a copy: twice the bytes need not be held.
    afterReading: async () => void (await connection.run(`drop table ${table}`)),
  };
}

function parseAll({ files, problems }: ReadRequest, { parse, roleOf }: ArrayFormat): GivenArray[] {
  return files.flatMap((file): GivenArray[] => {
    try {
      const array = parse(file);
      const fault = arrayFault(array);
      if (fault !== undefined) throw new EntryError(fault);
      const name = ownName(file.filename);
      return [{ file, part: partOfUpload(file), role: roleOf(name, array), name, array }];
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      problems.add("bad_array", { value: file.filename }, error.message);
      return [];
    }
  });
}

/** "X_train.npy" → "x", "t10k-images-idx3-ubyte" → "images": without folder, ending and the word for the part. */
function ownName(filename: string): string {
  const stem = filename
    .replace(/^.*\//, "")
    .replace(/\.npy$/i, "")
    .replace(/[.-]idx\d?(-ubyte)?$/i, "");
  return stem
    .toLowerCase()
    .replaceAll(partWords, "")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}

function roleByName(name: string): Role {
  return roles.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}

function roleByAxes(_name: string, { shape }: NumberArray): Role {
  return shape.length === 1 ? "label" : "features";
}

/** What cannot become columns, in words. */
function arrayFault({ shape, type }: NumberArray): string | undefined {
  const size = `[${shape.join(", ")}]`;
  if (shape.some((length) => length === 0)) return `is ${size}: it holds nothing`;
  if (shape.length > 2 && (type === "U" || type === "S"))
    return `is ${size} of strings; only one or two axes of them are read`;
  if (shape.length > 4) return `is ${size}: at most four axes are read`;
  if (shape.length === 4 && type !== "u1")
    return `is ${size} of ${type}; images are bytes: save (x * 255).astype("uint8") if its values go from 0 to 1`;
  if (shape.length === 4 && shape[3] !== 1 && shape[3] !== 3)
    return `is ${size}; images are [rows, height, width, 1 or 3]: move the channels to the last axis`;
  return undefined;
}

/** Images without their labels were most likely sent by mistake: the two are files of one set. */
function needsLabels(group: readonly GivenArray[], problems: ProblemList): void {
  const dimensions = group.map(({ array }) => array.shape.length).sort((a, b) => a - b);
  if (group.length === 2 && dimensions[0] === 1 && dimensions[1] > 2) return;
  const facts = `an IDX dataset is one file of images and one of labels; got ${group.length}: ${group.map(show).join(", ")}`;
  problems.add("arrays_differ", {}, facts);
}

const show = ({ file, array }: GivenArray) => `${file.filename} is [${array.shape.join(", ")}]`;

/** One list of arrays for each part, all with the same columns in the same order; nothing when they do not fit together. */
function groupsOf(arrays: readonly GivenArray[], problems: ProblemList): GivenArray[][] | undefined {
  if (problems.errors > 0) return undefined;
  const byPart = new Map<Part | null, GivenArray[]>();
  for (const one of arrays) byPart.set(one.part, [...(byPart.get(one.part) ?? []), one]);
  const groups = [...byPart.values()].map((group) => named(group));
  // Only one part is no split: its name says nothing that matters.
  const parts = groups.length === 1 ? [groups[0].map((one) => ({ ...one, part: null }))] : groups;
  for (const group of parts) {
    const rows = group[0].array.shape[0];
    const other = group.find(({ array }) => array.shape[0] !== rows);
    if (other !== undefined) problems.add("arrays_differ", {}, `${show(group[0])} but ${show(other)}`);
  }
  const layoutOf = (group: readonly GivenArray[]) =>
    group.map(({ name, array }) => `${name} [${array.shape.slice(1).join(", ")}]`).join(", ");
  const stray = parts.find((group) => layoutOf(group) !== layoutOf(parts[0]));
  if (stray !== undefined) {
    const nameless = arrays.find(({ part }) => part === null);
    const facts =
      parts.length > 1 && nameless !== undefined
        ? `${nameless.file.filename} does not say which part it is of`
        : `${parts[0].map(show).join(", ")} but ${stray.map(show).join(", ")}`;
    problems.add("arrays_differ", {}, facts);
  }
  return problems.errors > 0 ? undefined : parts;
}

/** Names by role, features first and labels last. Where a role is taken twice, arrays keep their own names. */
function named(group: readonly GivenArray[]): GivenArray[] {
  const order: Record<Role, number> = { features: 0, other: 1, label: 2 };
  const count = (role: Role) => group.filter((one) => one.role === role).length;
  return [...group]
    .sort((a, b) => order[a.role] - order[b.role])
    .map((one) => {
      if (one.role === "other" || count(one.role) > 1) return { ...one, name: one.name || "x" };
      return { ...one, name: one.role === "label" ? "label" : featuresName(one.array) };
    });
}

function featuresName(array: NumberArray): string {
  return isImage(array) ? "image" : array.shape.length > 2 ? "sequence" : "x";
}

const isImage = ({ shape, type }: NumberArray) => type === "u1" && (shape.length === 3 || shape.length === 4);

function columnsOf({ name, array }: GivenArray): Column[] {
  const { shape, type } = array;
  const [, height, width, channels = 1] = shape;
  if (isImage(array)) return [{ name, type: BLOB, media: { type: "image", shape: [height, width, channels] } }];
  if (shape.length > 2) return [{ name, type: LIST(DOUBLE), media: { type: "sequence", shape: [height, width] } }];
  const count = rowElements(array);
  return Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? name : `${name}_${index + 1}`,
    type: columnTypeOf(type),
    media: undefined,
  }));
}

/** Columns of numbers need no look at their cells. */
function likelyNumbers(columns: readonly Column[]): Map<number, LikelyType> {
  const likely: Partial<Record<string, LikelyType>> = {
    INTEGER: "integer",
    BIGINT: "integer",
    UBIGINT: "integer",
    DOUBLE: "number",
  };
  return new Map(
    columns.flatMap(({ type, media }, index) => {
      const found = media === undefined ? likely[type.toString()] : undefined;
      return found === undefined ? [] : [[index, found] as const];
    }),
  );
}

/** Rows at once: what a chunk of DuckDB holds, or fewer when they are large. */
function stepOf(group: readonly GivenArray[]): number {
  const rowBytes = group.reduce((sum, { array }) => sum + rowElements(array) * array.width, 0);
  return Math.max(1, Math.min(chunkRows, Math.floor(chunkBytes / rowBytes)));
}

/** The values of rows `start` to `end`, one list for each column. */
function cellsOf(array: NumberArray, columns: readonly Column[], start: number, end: number): DuckDBValue[][] {
  const bytes = readBytes(array, start, end);
  const count = rowElements(array);
  const rows = Array.from({ length: end - start }, (_, row) => row);
  const [{ media }] = columns;
  if (media?.type === "image") return [rows.map((row) => blobValue(bytes.subarray(row * count, (row + 1) * count)))];
  const element = elementReader(array, bytes);
  if (media?.type === "sequence") {
    return [
      rows.map((row) => listValue(Array.from({ length: count }, (_, index) => Number(element(row * count + index))))),
    ];
  }
  return columns.map((_, column) => rows.map((row): Element => element(row * count + column)));
}
