// Dates as cyclic parts: December beside January, Sunday beside Monday.
import { describe, expect, test } from "vitest";
import { encodeInstances, encodeRows, fitFeatures } from "../../../src/datasets/features/encode.ts";
import type { FeatureSpec } from "../../../src/datasets/features/feature-spec.ts";
import { all, datetimes, faultsOf, spec, tableOf } from "../columns.ts";

const encoded = (rows: string[], more: Partial<FeatureSpec> = {}) => {
  const table = tableOf(datetimes("day", ...rows));
  const fitted = fitFeatures(table, [spec("day", "datetime", more)], all(table));
  return { fitted, values: [...encodeRows(fitted, table, all(table), "float64")] };
};
const partsOf = ({ fitted }: ReturnType<typeof encoded>) => (fitted.encoders[0] as { parts: string[] }).parts;

describe("a date", () => {
  test("has only the parts that vary among the training rows", () => {
    expect(partsOf(encoded(["2026-01-05", "2026-01-12"]))).toEqual([]);
    expect(partsOf(encoded(["2026-01-05", "2026-01-06"]))).toEqual(["weekday"]);
    expect(partsOf(encoded(["2026-01-05", "2025-02-04T10:00:00Z"]))).toEqual(["year", "month", "weekday", "hour"]);
  });

  test("has the parts that are asked for, in the order of the clock", () => {
    expect(partsOf(encoded(["2026-01-05", "2026-01-12"], { parts: ["hour", "month"] }))).toEqual(["month", "hour"]);
  });

  test("puts months on a circle: January at 0, April at a quarter turn", () => {
    const { values } = encoded(["2026-01-01", "2026-04-01", "2026-07-01"], { parts: ["month"] });
    [0, 1, 1, 0, 0, -1].forEach((value, at) => expect(values[at]).toBeCloseTo(value, 12));
  });

  test("standardises the year: 2024, 2025, 2026 are -1.22, 0, 1.22", () => {
    const { values } = encoded(["2024-01-01", "2025-01-01", "2026-01-01"], { parts: ["year"] });
    [-Math.sqrt(1.5), 0, Math.sqrt(1.5)].forEach((value, at) => expect(values[at]).toBeCloseTo(value, 12));
  });

  test("that is missing is zeros, in a table and in an instance", () => {
    const { fitted, values } = encoded(["2024-03-01", "2025-05-02", ""]);
    const zeros = Array.from({ length: fitted.width }, () => 0);
    expect(values.slice(-fitted.width)).toEqual(zeros);
    expect([...encodeInstances(fitted, [[null]], "float64")]).toEqual(zeros);
  });

  test("is the same time in every spelling of ISO 8601", () => {
    const { fitted, values } = encoded(["2024-03-01T09:30:00Z", "2025-05-02"]);
    const spellings = [
      "2024-03-01T09:30:00Z",
      "2024-03-01 09:30",
      " 2024-03-01T10:30:00+01:00 ",
      "2024-03-01T09:30:00.500",
    ];
    for (const spelling of spellings)
      expect([...encodeInstances(fitted, [[spelling]], "float64")]).toEqual(values.slice(0, fitted.width));
  });

  test.each([["2026-02-30"], ["1.2.2026"], [1_700_000_000], [true]])("written as %j is refused", (value) => {
    const { fitted } = encoded(["2024-03-01", "2025-05-02"]);
    expect(faultsOf(() => encodeInstances(fitted, [[value]], "float64"))).toMatchObject([{ code: "not_a_datetime" }]);
  });
});
