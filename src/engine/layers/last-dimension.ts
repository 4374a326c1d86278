// The extent of the last dimension of a row, which normalisation has parameters for.
import { EngineError } from "../engine-error.ts";

/** Throws `shape_mismatch` for rows without a dimension; `meaning` says what the last one is. */
export function lastDimension(op: string, meaning: string, shape: readonly number[], layer: string): number {
  const extent = shape.at(-1);
  if (extent !== undefined) return extent;
  throw new EngineError("shape_mismatch", {
    op,
    layer,
    expected: `rows whose last dimension are ${meaning}`,
    got: "single numbers",
  });
}
