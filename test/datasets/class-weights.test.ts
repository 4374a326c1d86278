import { expect, test } from "vitest";
import { rowWeights } from "../../src/datasets/features/class-weights.ts";
import { DomainError } from "../../src/errors.ts";

const codes = Int32Array.of(0, 0, 0, 1, 0, 1);

test("balanced: rows / (classes · rows of the class), as scikit-learn counts; a class without rows is none", () => {
  // compute_class_weight("balanced", classes=[0, 1], y=[0,0,0,1,0,1]) = [0.75, 1.5]
  const weights = rowWeights("balanced", ["a", "b", "c"], codes, "float64");
  expect([...weights]).toEqual([0.75, 0.75, 0.75, 1.5, 0.75, 1.5]);
});

test("a map names labels as JSON keys do; the others weigh 1", () => {
  expect([...rowWeights({ "7": 3 }, [2, 7], codes, "float32")]).toEqual([1, 1, 1, 3, 1, 3]);
  expect([...rowWeights({ true: 0.5 }, [false, true], codes, "float32")]).toEqual([1, 1, 1, 0.5, 1, 0.5]);
});

test("a weight for what is no class is refused, with the nearest one", () => {
  expect(() => rowWeights({ spma: 2 }, ["ham", "spam"], codes, "float32")).toThrow(
    new DomainError("invalid_dataset", 'class_weight has "spma", which is no class of the target.', {
      hint: 'Did you mean "spam"? Known: ham, spam.',
    }),
  );
});
