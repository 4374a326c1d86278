// Several labels per row: how a cell is read and what the network is to say.
import { describe, expect, test } from "vitest";
import { encodeLabelSets, fitLabels, labelsIn } from "../../../src/datasets/features/label-target.ts";
import { all, tableOf, texts } from "../columns.ts";

describe("the labels of a cell", () => {
  test.each([
    ["sport, politics", ",", ["sport", "politics"]],
    ["sport", ",", ["sport"]],
    ["sport|sport| ", "|", ["sport"]],
    ['["a,b","c"]', ",", ["a,b", "c"]],
    ["[1,2]", ",", ["1", "2"]],
    ["[draft", ",", ["[draft"]],
    ["[]", ",", []],
  ])("%j between %j are %j", (cell, separator, labels) => {
    expect(labelsIn(cell, separator)).toEqual(labels);
  });
});

test("a column of labels has one output per label, 1 where the row has it", () => {
  const table = tableOf(texts("tags", "b, a", "c", "[]", undefined));
  const target = fitLabels(table.columns[0], ",");
  expect(target.classes).toEqual(["a", "b", "c"]);
  expect([...encodeLabelSets(target, table.columns[0], all(table), "float32")]).toEqual(
    [
      [1, 1, 0],
      [0, 0, 1],
      [0, 0, 0],
      [0, 0, 0],
    ].flat(),
  );
});
