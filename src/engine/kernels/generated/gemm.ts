// Matrix products: how each kind lies in memory. product.ts computes them.
// gemm_nn   c = a·b      a (B,k)  b (k,n)  c (B,n); with a bias (n), each sum begins with it
// gemm_tn   c += aᵀ·b    a (B,m)  b (B,n)  c (m,n); where wanted, sum += Σ_B b
// gemm_nt   c = a·bᵀ     a (B,n)  b (k,n)  c (B,k)
import { i32 } from "../wasm/instructions.ts";
import { emitSumRows } from "./elements.ts";
import type { Emitters } from "./emission.ts";
import { emitProduct, sumsColumns } from "./product.ts";
import type { Product } from "./product.ts";

export const GEMM_EMITTERS: Emitters<"gemm_nn" | "gemm_tn" | "gemm_nt"> = {
  gemm_nn({ a, b, c, bias = null }, emission) {
    const [depth, columns] = b.shape;
    const perSample = c.rowSize / columns;
    const product: Product = {
      columns,
      rowsMost: c.capacity * perSample,
      depthMost: depth,
      start: bias === null ? "zero" : "bias",
      aRow: 4 * depth,
      aStep: 4,
      bStep: 4 * columns,
      bColumn: 4,
      cRow: 4 * columns,
    };
    emitProduct(
      emission,
      product,
      { a, b, c, row: bias },
      i32.mul(emission.rows, i32.const(perSample)),
      i32.const(depth),
    );
  },
  gemm_tn(operation, emission) {
    const { a, b, c, sum = null } = operation;
    const [height, columns] = c.shape;
    const perSample = b.rowSize / columns;
    const product: Product = {
      columns,
      rowsMost: height,
      depthMost: b.capacity * perSample,
      start: emission.overwrites(operation) ? "zero" : "load",
      aRow: 4,
      aStep: 4 * height,
      bStep: 4 * columns,
      bColumn: 4,
      cRow: 4 * columns,
    };
    const rows = i32.mul(emission.rows, i32.const(perSample));
    const summed = sum !== null && sumsColumns(product);
    if (sum !== null && !summed) emitSumRows(emission, b, sum, false);
    emitProduct(emission, { ...product, summed }, { a, b, c, row: sum }, i32.const(height), rows);
  },
  gemm_nt({ a, b, c }, emission) {
    const [columns, depth] = b.shape;
    const perSample = a.rowSize / depth;
    const product: Product = {
      columns,
      rowsMost: a.capacity * perSample,
      depthMost: depth,
      start: "zero",
      aRow: 4 * depth,
      aStep: 4,
      bStep: 4,
      bColumn: 4 * depth,
      cRow: 4 * columns,
    };
    emitProduct(emission, product, { a, b, c }, i32.mul(emission.rows, i32.const(perSample)), i32.const(depth));
  },
};
