// The split of a request against the schema: what it becomes, how many rows each part gets, what is refused and why.
import { describe, expect, test } from "vitest";
import type { ColumnSchema } from "../../src/contract/dataset.ts";
import { jobRequest } from "../../src/contract/job.ts";
import { resolveJob } from "../../src/jobs/resolve.ts";
import { DomainError } from "../../src/errors.ts";
import { columnSchema } from "../datasets/columns.ts";

const counted = (name: string, counts: Record<string, number>, missing = 0): ColumnSchema => {
  const most_frequent = Object.entries(counts).map(([value, count]) => ({ value, count, share: 1 / 2 }));
  return columnSchema(name, "category", most_frequent.length, {
    statistics: { missing, distinct: most_frequent.length, most_frequent },
  });
};

const speaker = columnSchema("speaker", "category", 6);
const day = columnSchema("day", "datetime", 100);
const columns = [columnSchema("x", "number"), speaker, day, columnSchema("y", "category", 3)];
const givenParts = counted("split", { train: 80, test: 20 });

const machine = { processors: 2, jobsAtOnce: 2 };

function resolve(schema: ColumnSchema[], dataset: object) {
  const request = jobRequest.parse({ architecture: { type: "mlp" }, dataset: { id: "ds_1", target: "y", ...dataset } });
  return resolveJob(request, { named: { id: "ds_1" }, name: "data", rows: 100, columns: schema }, machine);
}

function faultsOf(schema: ColumnSchema[], dataset: object) {
  try {
    resolve(schema, dataset);
  } catch (error) {
    if (error instanceof DomainError) return error.faults;
    throw error;
  }
  return [];
}

describe("the resolved split", () => {
  test("says how many rows each part gets", () => {
    expect(resolve(columns, {}).request.dataset.split!.rows).toEqual({ train: 70, validation: 20, test: 10 });
  });

  test("is by the column split when the data has one, which is then no feature", () => {
    const { request } = resolve([...columns, givenParts], {});
    expect(request.dataset.split).toMatchObject({ column: "split", rows: { train: 64, validation: 16, test: 20 } });
    expect(JSON.stringify(request.dataset.features)).not.toContain("split");
  });

  test("is at random all the same with column null", () => {
    const { request } = resolve([...columns, givenParts], { split: { column: null } });
    expect(request.dataset.split).toMatchObject({ column: null, rows: { train: 70, validation: 20, test: 10 } });
  });

  test("by group leaves the group out of the features", () => {
    const { request } = resolve(columns, { split: { group: "speaker" } });
    expect(JSON.stringify(request.dataset.features)).not.toContain("speaker");
  });

  test("can be sent again as it is", () => {
    const { request } = resolve([...columns, givenParts], {});
    expect(resolve([...columns, givenParts], request.dataset).request.dataset).toEqual(request.dataset);
  });

  test("by a column of text is in the order of the text, which is said", () => {
    const months = columnSchema("month", "text", 100);
    const { warnings } = resolve([...columns, months], { split: { time: "month" } });
    expect(warnings.map(({ code }) => code)).toContain("ordered_as_text");
  });
});

describe("a split is refused", () => {
  const oneGroup = columnSchema("one", "category", 1);
  const odd = counted("odd", { a: 50, b: 50 });
  const gaps = columnSchema("gaps", "datetime", 50, { statistics: { missing: 3, distinct: 50 } });

  test.each([
    ["by a column that is not there", { time: "dya" }, "/dataset/split/time", "unknown_column"],
    ["by one group", { group: "one" }, "/dataset/split/group", "too_few_groups"],
    ["by fewer groups than parts", { group: "two" }, "/dataset/split/group", "too_few_groups"],
    ["by the target as group", { group: "y" }, "/dataset/split/group", "target_as_group"],
    ["by words that name no part", { column: "odd" }, "/dataset/split/column", "no_split_column"],
    ["by a time that some rows lack", { time: "gaps" }, "/dataset/split/time", "missing_time"],
    ["by a picture", { group: "image" }, "/dataset/split/group", "wrong_type"],
  ])("%s", (_sentence, split, pointer, code) => {
    const image = columnSchema("image", "image", 100, { shape: [2, 2, 1] });
    const two = columnSchema("two", "category", 2);
    const faults = faultsOf([...columns, oneGroup, two, odd, gaps, image], { split, features: ["x"] });
    expect(faults).toMatchObject([{ pointer, code }]);
  });

  test("when its column is asked for as a feature", () => {
    expect(faultsOf([...columns, givenParts], { features: ["x", "split"] })).toMatchObject([
      { pointer: "/dataset/features/1", code: "split_as_feature" },
    ]);
  });

  test("by two columns at once", () => {
    const dataset = { id: "ds_1", target: "y", split: { group: "speaker", time: "day" } };
    expect(jobRequest.safeParse({ architecture: { type: "mlp" }, dataset }).error?.issues[0].message).toContain(
      "At most one",
    );
  });
});
