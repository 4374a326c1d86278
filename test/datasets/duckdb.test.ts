// What DuckDB notes of a table while it writes it stands for looking at its values.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase, rangesOf, selectRows } from "../../src/datasets/duckdb.ts";

let database: Awaited<ReturnType<typeof openDatabase>>;

beforeAll(async () => {
  database = await openDatabase({ memoryMegabytes: 256, threads: 1, temporaryFolder: "/nonexistent", paths: [] });
});
afterAll(() => database.close());

/** More rows than DuckDB keeps in a group, of every magnitude that doubles have. */
const doubles = `(random() - 0.5) * pow(10, random() * 600 - 300)`;

test("the range of a column is that of its values, to the bit", async () => {
  await database.connection.run(
    `create table wide as select ${doubles} as c0, case when range % 3 = 0 then ${doubles} end as c1, -range::double as c2,
     case when range = 7 then 0.1::double + 0.2 end as c3, null::double as c4 from range(300000)`,
  );
  const columns = [0, 1, 2, 3, 4];
  const asked = columns.map((column) => `min(c${column}), max(c${column})`);
  const [values] = await selectRows(database.connection, `select ${asked.join(", ")} from wide`);
  const ranges = await rangesOf(database.connection, "wide", columns);
  for (const column of columns)
    expect(ranges.get(column) ?? [null, null]).toEqual(values.slice(2 * column, 2 * column + 2));
});

test("what is not finite shows in the range, and a table without rows has none", async () => {
  await database.connection.run(
    "create table odd as select unnest([1, 'nan'::double]) as c0, unnest(['-inf'::double, 2]) as c1",
  );
  const odd = await rangesOf(database.connection, "odd", [0, 1]);
  for (const column of [0, 1]) expect(odd.get(column)!.every(Number.isFinite)).toBe(false);
  await database.connection.run("create table empty as select * from odd where false");
  expect((await rangesOf(database.connection, "empty", [0, 1])).size).toBe(0);
});
