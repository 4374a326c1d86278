// A peephole over the list: what adds to a tensor that was just cleared can write instead, and nothing need be cleared.
// 0 + x has the bits of x for every sum that starts at +0, which all of these do.
import type { Operation } from "../../operations.ts";
import { tensorsOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";

export interface Overwriting {
  /** The list without the clearing that is no longer needed. */
  readonly operations: readonly Operation[];
  /** Operations of the list that write where they would add. */
  readonly writers: ReadonlySet<object>;
}

export function replaceClearing(operations: readonly Operation[]): Overwriting {
  const writers = new Set<object>();
  const kept = operations.map((operation, index): Operation => {
    if (operation.kind !== "clear") return operation;
    const later = operations.slice(index + 1);
    const tensors = operation.tensors.filter((tensor) => {
      const next = later.find((candidate) => tensorsOf(candidate).some((used) => used.storage === tensor.storage));
      if (next === undefined || sumOf(next)?.storage !== tensor.storage) return true;
      writers.add(next);
      return false;
    });
    return { kind: "clear", tensors };
  });
  return {
    operations: kept.filter((operation) => operation.kind !== "clear" || operation.tensors.length > 0),
    writers,
  };
}

/** The tensor that the operation adds to, and writes to as a whole. */
function sumOf(operation: Operation): Tensor | undefined {
  if (operation.kind === "gemm_tn") return operation.c;
  return operation.kind === "sum_rows" ? operation.sum : undefined;
}
