// The rows of a table into training, validation and test: at random, as a column gives them, by group, or by time.
import { DomainError } from "../errors.ts";
import { integerGenerator, shuffle } from "./random.ts";
import { type Split, type SplitOptions, splitRows, splitSizes } from "./splits.ts";
import { columnOf, type Table, type TableColumn } from "./table.ts";

/** At most one of column, group and time. */
export interface SplitChoice extends SplitOptions {
  /** says for each row which part it is in */
  column?: string | null | undefined;
  /** rows with the same value stay together */
  group?: string | undefined;
  /** orders the rows: the last ones test, those before validate */
  time?: string | undefined;
}

/** Spellings of the parts in a split column, in lower case. */
export const partSpellings: Record<string, keyof Split> = {
  train: "train",
  training: "train",
  validation: "validation",
  valid: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

/** The part that a cell of a split column means. */
export const partNamed = (value: unknown): keyof Split | undefined =>
  typeof value === "string" && Object.hasOwn(partSpellings, value.toLowerCase())
    ? partSpellings[value.toLowerCase()]
    : undefined;

/**
 * Splits `rows` (ascending, those with a target); `classCodes` has one code per row, to stratify a random split.
 * @throws DomainError `invalid_dataset` when no row is left to train on
 */
export function splitTable(choice: SplitChoice, table: Table, rows: Int32Array, classCodes?: Int32Array): Split {
  if (typeof choice.column === "string") return asGiven(choice, columnOf(table, choice.column), rows, classCodes);
  if (choice.group !== undefined) return byGroup(choice, columnOf(table, choice.group), rows);
  if (choice.time !== undefined) return byTime(choice, columnOf(table, choice.time), rows);
  return splitRows(choice, rows, classCodes);
}

/** A part that the column does not have is drawn from its training rows, in the asked fraction of them. */
function asGiven(choice: SplitChoice, column: TableColumn, rows: Int32Array, classCodes?: Int32Array): Split {
  const valueAt = keysOf(column);
  const positions: Record<keyof Split, number[]> = { train: [], validation: [], test: [] };
  rows.forEach((row, position) => {
    const part = partNamed(valueAt(row));
    if (part !== undefined) positions[part].push(position);
  });
  if (positions.train.length === 0)
    throw new DomainError("invalid_dataset", `No row of the part "train" in "${column.name}" has a target.`);
  const given = (part: keyof Split) => Int32Array.from(positions[part], (position) => rows[position]);
  const drawn = splitRows(
    {
      ...choice,
      validation: positions.validation.length > 0 ? 0 : choice.validation,
      test: positions.test.length > 0 ? 0 : choice.test,
    },
    given("train"),
    classCodes === undefined ? undefined : Int32Array.from(positions.train, (position) => classCodes[position]),
  );
  return {
    train: drawn.train,
    validation: positions.validation.length > 0 ? given("validation") : drawn.validation,
    test: positions.test.length > 0 ? given("test") : drawn.test,
  };
}

/**
 * Groups in random order fill validation and test as long as each brings them nearer to their size. Every part that is
 * asked for gets a group, as far as there are enough. Rows without a group are one group together.
 */
function byGroup(choice: SplitChoice, column: TableColumn, rows: Int32Array): Split {
  const keyAt = keysOf(column);
  const groups = new Map<unknown, number[]>();
  for (const row of rows) {
    const key = keyAt(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const members = [...groups.values()];
  const order = shuffle(
    Int32Array.from({ length: members.length }, (_, index) => index),
    integerGenerator(choice.seed),
  );
  const wanted = splitSizes(rows.length, choice);
  const parts: Record<keyof Split, number[][]> = { train: [], validation: [], test: [] };
  const held = (["validation", "test"] as const).filter((part) => wanted[part] > 0);
  for (const index of order) {
    const group = members[index];
    const open = (part: keyof Split) => wanted[part] - sizeOf(parts[part]);
    const part = held.find((candidate) => open(candidate) > 0 && group.length <= 2 * open(candidate));
    parts[part ?? "train"].push(group);
  }
  fillEmptyParts(parts, ["train", ...held]);
  const ascending = (part: keyof Split) => Int32Array.from(parts[part].flat()).sort();
  return { train: ascending("train"), validation: ascending("validation"), test: ascending("test") };
}

/** Gives an empty part the smallest group of the part that has most groups, while one has two. */
function fillEmptyParts(parts: Record<keyof Split, number[][]>, asked: readonly (keyof Split)[]): void {
  for (const part of asked) {
    if (parts[part].length > 0) continue;
    const [richest] = [...asked].sort((a, b) => parts[b].length - parts[a].length);
    if (parts[richest].length < 2) return;
    const smallest = parts[richest].reduce((least, group) => (group.length < least.length ? group : least));
    parts[richest] = parts[richest].filter((group) => group !== smallest);
    parts[part].push(smallest);
  }
}

const sizeOf = (groups: readonly number[][]) => groups.reduce((sum, { length }) => sum + length, 0);

/** Rows in the order of the column; of equal times the earlier row comes first. */
function byTime(choice: SplitChoice, column: TableColumn, rows: Int32Array): Split {
  const ordered = orderedRows(column, rows);
  const { train, validation } = splitSizes(rows.length, choice);
  const ascending = (start: number, end: number) => ordered.slice(start, end).sort();
  return {
    train: ascending(0, train),
    validation: ascending(train, train + validation),
    test: ascending(train + validation, rows.length),
  };
}

/** `rows` sorted by the values of the column: numbers by size, words by code point. */
export function orderedRows(column: TableColumn, rows: Int32Array): Int32Array {
  const place = "codes" in column ? column.codes : "values" in column ? column.values : undefined;
  if (place === undefined) throw new Error(`Column "${column.name}" has no order.`);
  return rows.slice().sort((a, b) => place[a] - place[b] || a - b);
}

/** The value of each row of a column, as a key. */
function keysOf(column: TableColumn): (row: number) => string | number | undefined {
  if ("codes" in column) return (row) => column.dictionary[column.codes[row]];
  if ("values" in column) return (row) => (Number.isNaN(column.values[row]) ? undefined : column.values[row]);
  throw new Error(`Column "${column.name}" holds ${column.type}, by which rows cannot be told apart.`);
}
