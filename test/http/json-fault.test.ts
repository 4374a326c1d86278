// The place of a fault in broken JSON.
import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonFault } from "../../src/http/json-fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each([
  ["", "it ends at line 1, column 1"],
  ["[", "it ends at line 1, column 2"],
  ['{"a": 1', "it ends at line 1, column 8"],
  ["[1,]", "unexpected ] at line 1, column 4"],
  ['{"a":}', "unexpected } at line 1, column 6"],
  ["[1 2]", "unexpected 2 at line 1, column 4"],
  ["{\n\n  a: 1}", "unexpected a at line 3, column 3"],
  ["[01]", "unexpected 01 at line 1, column 2"],
  ["[+1]", "unexpected +1 at line 1, column 2"],
  ["[.5]", "unexpected .5 at line 1, column 2"],
  ["[1.]", "unexpected 1. at line 1, column 2"],
  ["[tru]", "unexpected tru at line 1, column 2"],
  ['["a\tb"]', 'unexpected " at line 1, column 2'],
  ['["\\x"]', 'unexpected " at line 1, column 2'],
  ["[1] 2", "unexpected 2 at line 1, column 5"],
  ["[}", "unexpected } at line 1, column 2"],
  ["{]", "unexpected ] at line 1, column 2"],
  ["{,}", "unexpected , at line 1, column 2"],
  ['{"a",}', "unexpected , at line 1, column 5"],
])("%j: %s", (text, detail) => {
  expect(isJson(text)).toBe(false);
  expect(findJsonFault(text).detail).toBe(detail);
  expect(findJsonFault(text).hint).toMatch(/\w/);
});

test("what stands before the fault could still have become JSON, with the fault's first character it cannot", () => {
  const broken = fc
    .tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "'", "x", "1", "-", "\n", " ", ""),
      fc.boolean(),
    )
    .map(([json, place, mark, replace]) => {
      const at = place % (json.length + 1);
      return json.slice(0, at) + mark + json.slice(replace ? at + 1 : at);
    })
    .filter((text) => !isJson(text));
  fc.assert(
    fc.property(broken, (text) => {
      const [, line, column] = /line (\d+), column (\d+)$/.exec(findJsonFault(text).detail)!.map(Number);
      const lines = text.split("\n");
      const offset = lines.slice(0, line - 1).reduce((sum, part) => sum + part.length + 1, 0) + column - 1;
      expect(offset).toBeLessThanOrEqual(text.length);
      // V8 gives its own place for some faults: ours is never behind it.
      const message = messageOf(text);
      const position = /at position (\d+)/.exec(message)?.[1] ?? text.length;
      expect(offset).toBeLessThanOrEqual(Number(position));
    }),
    { numRuns: 500 },
  );
});

function messageOf(text: string): string {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("takes a mebibyte of anything in little time", () => {
  for (const text of [
    '"'.repeat(2 ** 20),
    " ".repeat(2 ** 20),
    "[".repeat(2 ** 20),
    `["${"\\".repeat(2 ** 20)}`,
    "1,".repeat(2 ** 19),
  ]) {
    const start = performance.now();
    findJsonFault(text);
    expect(performance.now() - start).toBeLessThan(1_000);
  }
});
