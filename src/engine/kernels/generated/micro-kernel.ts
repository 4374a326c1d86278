// The micro-kernel: a tile of c in registers while k runs.
//   c[i,j] = start_j + Σ_k a[i,k]·b[k,j]      start 0, a row of biases, or what c holds
// One k per loop turn: the row of b in vectors, then for each row of a one splat load and a multiply-add per vector.
// Unrolled over k, V8's scheduler moves all loads to the front and spills; operations on neighbouring vectors stand next
// to each other because V8's revectorizer pairs those. Every element is its own sum over ascending k, so neither the
// tile nor the place in it changes a bit.
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { f32x4, v128 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";
import type { ModuleBuilder } from "../wasm/module-builder.ts";
import { loadColumns, storeColumns, vectorsFor } from "./columns.ts";

export interface MicroKernel {
  readonly rows: number;
  readonly columns: number;
  readonly fused: boolean;
  readonly start: "zero" | "bias" | "load";
  /** Bytes from a[i,k] to a[i+1,k], and to a[i,k+1]. */
  readonly aRow: number;
  readonly aStep: number;
  /** Bytes from c[i,j] to c[i+1,j]. */
  readonly cRow: number;
}

/** The function (k, a, b, c, bStep, bias): k ≥ 1 steps; bStep is the number of bytes from b[k,j] to b[k+1,j]. */
export function microKernel(module: ModuleBuilder, kernel: MicroKernel): FunctionBuilder {
  const { rows, columns, fused, start, aRow, aStep, cRow } = kernel;
  const key = `micro ${Object.values(kernel).join(" ")}`;
  return module.shared(key, ["i32", "i32", "i32", "i32", "i32", "i32"], (f) => {
    const [k, a, b, c, bStep, bias] = [0, 1, 2, 3, 4, 5].map((position) => f.parameter(position, "i32"));
    const tile = Array.from({ length: rows }, (_, i) => {
      if (start === "zero") return vectorsFor(columns).map(() => f.local("v128"));
      return start === "bias" ? loadColumns(f, bias, columns) : loadColumns(f, c, columns, i * cRow);
    });
    const bRow = vectorsFor(columns).map(() => f.local("v128"));
    const element = f.local("v128");
    f.countDown(k, () => {
      bRow.forEach((vector, j) => f.set(vector, v128.load(b, 16 * j)));
      tile.forEach((sums, i) => {
        f.set(element, v128.load32_splat(a, i * aRow));
        sums.forEach((sum, j) => f.set(sum, multiplyAdd(fused, element, bRow[j], sum)));
      });
      f.advance(b, bStep);
      f.advance(a, aStep);
    });
    tile.forEach((sums, i) => storeColumns(f, c, sums, columns, i * cRow));
  });
}

/** a·b + c, rounded once or twice. */
export function multiplyAdd(fused: boolean, a: V128, b: V128, c: V128): V128 {
  return fused ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}
