// Unknown keys: each named, with the nearest known key, or the object it belongs into.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { nearestName, strictObject, suggestName } from "../../src/contract/strict-object.ts";

const optimizer = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("sgd"), learning_rate: z.number(), momentum: z.number() }),
  strictObject({ type: z.literal("adam"), learning_rate: z.number(), beta1: z.number() }),
]);
const schema = strictObject({
  epochs: z.number().default(1),
  batch_size: z.number().default(1),
  optimizer: optimizer.optional(),
  model: strictObject({ name: z.string() }).prefault({ name: "x" }),
});

function complaints(value: unknown): string[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.flatMap(({ message }) => message.split("\n"));
}

describe("strictObject", () => {
  test("takes what it knows", () => {
    expect(complaints({ epochs: 3, optimizer: { type: "adam", learning_rate: 1, beta1: 0.9 } })).toEqual([]);
  });

  test("names the nearest known key", () => {
    expect(complaints({ epoch: 3 })).toEqual([
      'Unknown field "epoch".',
      'Did you mean "epochs"? Known: epochs, batch_size, optimizer, model.',
    ]);
  });

  test("complains of every unknown key, two lines each", () => {
    expect(complaints({ epoch: 3, zebra: 1 })).toEqual([
      'Unknown field "epoch".',
      'Did you mean "epochs"? Known: epochs, batch_size, optimizer, model.',
      'Unknown field "zebra".',
      "Known: epochs, batch_size, optimizer, model.",
    ]);
  });

  test.each([
    ["learning_rate", "learning_rate"],
    ["lr", "learning_rate"],
    ["momentun", "momentum"],
    ["beta_1", "beta1"],
  ])("says that %s belongs into the optimizer", (got, name) => {
    expect(complaints({ [got]: 0.1 })).toEqual([
      `Unknown field "${got}".`,
      `It belongs into "optimizer", as "${name}".`,
    ]);
  });

  test("takes no property of every object for a known key", () => {
    for (const key of ["constructor", "toString", "hasOwnProperty"]) {
      expect(complaints({ [key]: 1 })[0]).toBe(`Unknown field "${key}".`);
    }
  });
});

describe("nearestName", () => {
  const known = ["epochs", "batch_size", "learning_rate", "activation", "type"];

  test.each([
    ["epoch", "epochs"],
    ["Epochs", "epochs"],
    ["batchsize", "batch_size"],
    ["batchSize", "batch_size"],
    ["lr", "learning_rate"],
    ["bs", "batch_size"],
    ["learnin_rate", "learning_rate"],
    ["activaton", "activation"],
    ["typ", "type"],
  ])("%s is near %s", (got, name) => {
    expect(nearestName(got, known)).toBe(name);
  });

  test.each(["", "x", "zz", "dropout", "weights"])("%j is near nothing", (got) => {
    expect(nearestName(got, known)).toBeUndefined();
  });

  test("one wrong letter anywhere in a name of four letters or more is forgiven", () => {
    const names = fc.constantFrom(...known);
    fc.assert(
      fc.property(names, fc.nat(), fc.constantFrom("q", "x", "z"), (name, place, letter) => {
        const at = place % name.length;
        expect(nearestName(name.slice(0, at) + letter + name.slice(at + 1), known)).toBe(name);
      }),
    );
  });

  test("is quick for names of any length", () => {
    const start = performance.now();
    expect(nearestName("x".repeat(1_000_000), known)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(100);
  });
});

test("suggestName shows at most 30 names", () => {
  const hint = suggestName(
    "zzz",
    Array.from({ length: 100 }, (_, i) => `column ${i}`),
  );
  expect(hint).toMatch(/^Known: column 0, .*column 29, …\.$/);
});
