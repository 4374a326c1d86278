// Splits by a column, by group and by time: every row once, nothing on both sides, the same for the same seed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitTable } from "../../src/datasets/split-table.ts";
import type { Split } from "../../src/datasets/splits.ts";
import { all, numbers, tableOf, words } from "./columns.ts";

const choice = { validation: 0.2, test: 0.2, stratify: true, seed: 42 };
const listed = ({ train, validation, test: held }: Split) => [[...train], [...validation], [...held]];
const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);

const anyTable = fc
  .array(fc.record({ group: fc.integer({ min: -1, max: 8 }), time: fc.integer({ min: 0, max: 20 }) }), {
    minLength: 1,
    maxLength: 80,
  })
  .map((rows) =>
    tableOf(
      words("group", ["a", "b", "c", "d", "e", "f", "g", "h", "i"], ...rows.map(({ group }) => group)),
      numbers("time", ...rows.map(({ time }) => time)),
    ),
  );
const anyChoice = fc.record({
  validation: fc.constantFrom(0, 0.1, 0.4),
  test: fc.constantFrom(0, 0.2, 0.5),
  stratify: fc.boolean(),
  seed: fc.nat(),
});

describe.each(["group", "time"] as const)("a split by %s", (kind) => {
  test("puts each row in exactly one part, in order, and the same for the same seed", () => {
    fc.assert(
      fc.property(anyTable, anyChoice, (table, asked) => {
        const parts = splitTable({ ...asked, [kind]: kind }, table, all(table));
        const rows = listed(parts);
        expect(sorted(rows.flat())).toEqual([...all(table)]);
        for (const part of rows) expect(part).toEqual(sorted(part));
        expect(listed(splitTable({ ...asked, [kind]: kind }, table, all(table)))).toEqual(rows);
      }),
    );
  });
});

describe("a split by group", () => {
  test("has no group on both sides, and a group in every part that is asked for when there are enough", () => {
    fc.assert(
      fc.property(anyTable, anyChoice, (table, asked) => {
        const { codes } = table.columns[0] as { codes: Int32Array };
        const parts = Object.entries(splitTable({ ...asked, group: "group" }, table, all(table)));
        const groups = parts.map(([, rows]) => new Set([...(rows as Int32Array)].map((row) => codes[row])));
        const together = new Set(codes).size;
        expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(together);
        const askedParts = [
          true,
          Math.round(table.rows * asked.validation) > 0,
          Math.round(table.rows * asked.test) > 0,
        ];
        const enough = together >= 3 && table.rows > 10;
        expect(groups.map(({ size }, part) => (enough ? size > 0 : askedParts[part]))).toEqual(askedParts);
      }),
    );
  });

  test("of equal groups comes near to the fractions: 2 and 2 of 10", () => {
    const table = tableOf(words("g", "abcdefghij".split(""), ...Array.from({ length: 100 }, (_, row) => row % 10)));
    const { train, validation, test: held } = splitTable({ ...choice, group: "g" }, table, all(table));
    expect([train.length, validation.length, held.length]).toEqual([60, 20, 20]);
  });
});

describe("a split by time", () => {
  test("trains on the earliest rows and tests on the last", () => {
    const table = tableOf(numbers("day", 5, 1, 4, 2, 3, 10, 9, 8, 7, 6));
    expect(listed(splitTable({ ...choice, time: "day" }, table, all(table)))).toEqual([
      [0, 1, 2, 3, 4, 9],
      [7, 8],
      [5, 6],
    ]);
  });

  test("never tests on a row that is earlier than one it trains on", () => {
    fc.assert(
      fc.property(anyTable, anyChoice, (table, asked) => {
        const { values } = table.columns[1] as { values: Float64Array };
        const parts = listed(splitTable({ ...asked, time: "time" }, table, all(table)));
        const [trained, validated, tested] = parts.map((rows) => rows.map((row) => values[row]));
        const latest = Math.max(...trained);
        for (const time of [...validated, ...tested]) expect(time).toBeGreaterThanOrEqual(latest);
        for (const time of tested) expect(time).toBeGreaterThanOrEqual(Math.max(latest, ...validated));
      }),
    );
  });
});

describe("a split by a column", () => {
  const parts = ["Test", "dev", "train"];

  test("takes the parts as they are given, however they are spelt", () => {
    const table = tableOf(words("split", parts, 2, 2, 1, 0, 2, 0));
    expect(listed(splitTable({ ...choice, column: "split" }, table, all(table)))).toEqual([[0, 1, 4], [2], [3, 5]]);
  });

  test("draws a part that the column lacks from its training rows", () => {
    const table = tableOf(words("split", parts, ...Array.from({ length: 30 }, (_, row) => (row < 10 ? 0 : 2))));
    const { train, validation, test: held } = splitTable({ ...choice, column: "split" }, table, all(table));
    expect([...held]).toEqual(Array.from({ length: 10 }, (_, row) => row));
    expect([train.length, validation.length]).toEqual([16, 4]);
  });

  test("without a training row that has a target is refused", () => {
    const table = tableOf(words("split", parts, 0, 0, 2));
    expect(() => splitTable({ ...choice, column: "split" }, table, Int32Array.of(0, 1))).toThrow(
      'No row of the part "train"',
    );
  });
});
