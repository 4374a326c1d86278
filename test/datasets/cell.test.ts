// The meaning of a cell stands twice, in SQL and in JavaScript: here they are held against each other.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  booleanIn,
  cellMacros,
  datetimeIn,
  isInteger,
  isMissing,
  numberIn,
  sqlText,
  trimCell,
  trimmedSql,
} from "../../src/datasets/cell.ts";
import { openDatabase, selectRows } from "../../src/datasets/duckdb.ts";

let database: Awaited<ReturnType<typeof openDatabase>>;

beforeAll(async () => {
  database = await openDatabase({ memoryMegabytes: 256, threads: 1, temporaryFolder: "/nonexistent", paths: [] });
  for (const macro of cellMacros([])) await database.connection.run(macro);
});
afterAll(() => database.close());

/** Texts of the alphabet in which the rules could disagree, and numbers as people write them. */
const cellText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789+-.eE_ xinfaNtrues?/\t")), maxLength: 8 }),
  fc.double().map(String),
  fc.integer().map(String),
  fc.constantFrom(
    "",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "null",
    "NULL",
    "None",
    "?",
    "-",
    "1e999",
    "-1e999",
    "inf",
    "Infinity",
  ),
  fc.constantFrom(
    "true",
    "False",
    "YES",
    "no",
    "9007199254740991",
    "9007199254740992",
    "-0",
    ".5",
    "5.",
    "+1",
    "01",
    "0x10",
    "1_000",
    "1e-400",
  ),
);

test("SQL and JavaScript agree on what every cell means", async () => {
  const texts = fc.sample(cellText, { numRuns: 2000, seed: 7 });
  const values = texts.map((text, index) => `(${index}, ${sqlText(text)})`).join(", ");
  const rows = await selectRows(
    database.connection,
    `select c, c is null or c = 'NaN', coalesce(is_number(c), false), try_cast(c as double), kind(c) = 'integer', coalesce(is_boolean(c), false)
     from (select i, clean(${trimmedSql("text")}) as c from (values ${values}) as cells(i, text)) order by i`,
  );
  rows.forEach(([c, missing, number, value, integer, boolean], index) => {
    const text = texts[index];
    expect([text, isMissing(text)]).toEqual([text, missing]);
    if (missing === true) return;
    expect(trimCell(text)).toBe(c);
    expect([text, numberIn(text)]).toEqual([text, number === true ? value : undefined]);
    expect([text, isInteger(text)]).toEqual([text, integer]);
    expect([text, booleanIn(text) !== undefined]).toEqual([text, boolean]);
  });
});

/** Dates and times, right ones and some that are nearly right. */
const dateText = fc
  .tuple(
    fc.constantFrom("2024", "1999", "1970", "24"),
    fc.constantFrom("01", "02", "12", "13", "00"),
    fc.constantFrom("-01", "-28", "-29", "-30", "-31", "-32", "-1", ""),
    fc.constantFrom("", "T09:30", " 23:59", "T24:00", "T09:60", " 9:30"),
    fc.constantFrom("", ":15", ":60", ":15.123456", ":15.5", ":15.1234567"),
    fc.constantFrom("", "Z", "+02:00", "-11:30", "+2", " UTC"),
  )
  .map(([year, month, day, time, seconds, zone]) => `${year}-${month}${day}${time}${seconds}${zone}`);

test("SQL and JavaScript agree on what every date means", async () => {
  const texts = fc.sample(dateText, { numRuns: 2000, seed: 7 });
  const values = texts.map((text, index) => `(${index}, ${sqlText(text)})`).join(", ");
  const rows = await selectRows(
    database.connection,
    `select is_datetime(text), epoch_ms(cast(time_in(text) as timestamp))::double
     from (values ${values}) as cells(i, text) order by i`,
  );
  rows.forEach(([is, time], index) => {
    expect([texts[index], datetimeIn(texts[index])]).toEqual([texts[index], is === true ? time : undefined]);
  });
});

test("a quote, a backslash and a NUL in a text cannot leave its SQL literal", async () => {
  const text = String.raw`'); drop table x; -- \'`;
  const [[back]] = await selectRows(database.connection, `select ${sqlText(text)}`);
  expect(back).toBe(text);
  expect(sqlText("a\0b")).toBe("'ab'");
});

test("the database opens no file that was not named", async () => {
  await expect(selectRows(database.connection, "select * from read_csv('/etc/passwd')")).rejects.toThrow(
    /disabled|permission/i,
  );
  await expect(database.connection.run("set enable_external_access = true")).rejects.toThrow(/locked/);
});
