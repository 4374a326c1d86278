// Profiles of text columns: of many rows with few words each word is looked at once, which must make no difference.
import { afterAll, beforeAll, expect, test } from "vitest";
import { cellMacros } from "../../src/datasets/cell.ts";
import { openDatabase } from "../../src/datasets/duckdb.ts";
import { profileColumns } from "../../src/datasets/schema.ts";

/** Of each kind that a cell can be; NULL is a missing one. */
const cells = ["7", "-1.5", "1e999", "inf", "true", "2026-01-31", "NaN", "some words", "ü", "1_000", null];
const copies = 5000;
let database: Awaited<ReturnType<typeof openDatabase>>;

beforeAll(async () => {
  database = await openDatabase({ memoryMegabytes: 256, threads: 1, temporaryFolder: "/nonexistent", paths: [] });
  for (const macro of cellMacros([])) await database.connection.run(macro);
  const list = cells.map((cell) => (cell === null ? "null" : `'${cell}'`)).join(", ");
  await database.connection.run(`create table once as select unnest([${list}]) as c0, null::varchar as c1`);
  await database.connection.run(`create table often as select c0, c1 from once, range(${copies})`);
});
afterAll(() => database.close());

test("many copies of the same cells have the profile of one, times their number", async () => {
  const once = await profileColumns(database.connection, "once", [0, 1]);
  const often = await profileColumns(database.connection, "often", [0, 1]);
  expect(once.get(0)).toEqual({
    rows: 11,
    present: 9,
    nan: 1,
    numeric: 4,
    infinite: 2,
    integer: 1,
    boolean: 1,
    datetime: 1,
    distinct: 9,
    longest: 10,
  });
  for (const column of [0, 1]) {
    const { distinct, longest, ...counts } = once.get(column)!;
    const times = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count) * copies]));
    expect(often.get(column)).toEqual({ ...times, distinct, longest });
  }
});
