// Different values: exact where they are few or may be an id, otherwise an estimate that is a few per cent off.
import { afterAll, beforeAll, expect, test } from "vitest";
import { countDistinct } from "../../src/datasets/distinct-values.ts";
import { openDatabase } from "../../src/datasets/duckdb.ts";

const rows = 60_000;
let database: Awaited<ReturnType<typeof openDatabase>>;

beforeAll(async () => {
  database = await openDatabase({ memoryMegabytes: 256, threads: 1, temporaryFolder: "/nonexistent", paths: [] });
  await database.connection.run(
    `create table cells as select range as c0, range // 2 * 2 as c1, range % 9000 as c2, 'word ' || range % 20000 as c3,
     if(range % 3 = 0, null, range / 7.0) as c4, null::double as c5 from range(${rows})`,
  );
});
afterAll(() => database.close());

test("few values and possible ids are counted, of others every 32nd stands for all", async () => {
  const canBeId = (column: number) => column < 3;
  const found = await countDistinct(database.connection, { table: "cells", rows }, [0, 1, 2, 3, 4, 5], canBeId);
  expect([found.get(0), found.get(2), found.get(5)]).toEqual([rows, 9000, 0]);
  // Neither nearly an id nor few: within four standard deviations, √(31 / distinct) each.
  const known = new Map([
    [1, 30_000],
    [3, 20_000],
    [4, 40_000],
  ]);
  for (const [column, distinct] of known) {
    const off = Math.abs(found.get(column)! / distinct - 1);
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(4 * Math.sqrt(31 / distinct));
  }
});

test("in a small table everything is counted", async () => {
  const source = { table: "(select * from cells limit 5000)", rows: 5000 };
  const found = await countDistinct(database.connection, source, [0, 1, 3, 4], () => false);
  expect([...found]).toEqual([
    [0, 5000],
    [1, 2500],
    [3, 5000],
    [4, 3333],
  ]);
});
