// Weights of classes in the loss, as one weight for each training row.
// balanced   w_c = R / (C·R_c)     R rows, C classes that occur among them, R_c rows of class c: the mean weight is 1
import type { Hyperparameters } from "../../contract/hyperparameters.ts";
import { suggestName } from "../../contract/strict-object.ts";
import { DomainError } from "../../errors.ts";
import type { Label } from "./class-target.ts";
import type { Precision } from "./encode.ts";
import type { Matrix } from "./encoder.ts";

/** @param codes the class of each row
 * @throws DomainError `invalid_dataset` when a weight is for no class */
export function rowWeights(
  given: NonNullable<Hyperparameters["class_weight"]>,
  classes: readonly Label[],
  codes: Int32Array,
  precision: Precision,
): Matrix {
  const weights = given === "balanced" ? balancedWeights(classes.length, codes) : weightsByLabel(given, classes);
  const rows = precision === "float32" ? new Float32Array(codes.length) : new Float64Array(codes.length);
  codes.forEach((code, row) => (rows[row] = weights[code]));
  return rows;
}

function balancedWeights(classes: number, codes: Int32Array): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const code of codes) counts[code] += 1;
  const occurring = counts.filter((count) => count > 0).length;
  return counts.map((count) => codes.length / (occurring * count));
}

/** A class that is not named weighs 1. */
function weightsByLabel(given: Record<string, number>, classes: readonly Label[]): number[] {
  const names = classes.map(String);
  const [unknown] = unknownClasses(given, names);
  if (unknown !== undefined) throw new DomainError("invalid_dataset", unknown.detail, { hint: unknown.hint });
  return names.map((name) => (Object.hasOwn(given, name) ? given[name] : 1));
}

/** What is wrong with weights of classes that the target does not have. */
export function unknownClasses(
  given: Record<string, number>,
  names: readonly string[],
): { name: string; detail: string; hint: string }[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      name,
      detail: `class_weight has "${name}", which is no class of the target.`,
      hint: suggestName(name, names),
    }));
}
