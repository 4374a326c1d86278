// A product for each row of the batch; formulas of reference/batched-products.ts. product.ts computes one after another.
// batched_nn   c = a·b      a (B,m,k)  b (B,k,n)  c (B,m,n)
// batched_tn   c = aᵀ·b     a (B,k,m)  b (B,k,n)  c (B,m,n)
// batched_nt   c = a·bᵀ     a (B,m,k)  b (B,n,k)  c (B,m,n)
import type { OperationOf } from "../../operations.ts";
import { i32 } from "../wasm/instructions.ts";
import type { Emission, Emitters } from "./emission.ts";
import { emitProduct } from "./product.ts";
import type { Product } from "./product.ts";

type Kind = "batched_nn" | "batched_tn" | "batched_nt";
type Strides = Pick<Product, "aRow" | "aStep" | "bStep" | "bColumn">;

export const BATCHED_PRODUCT_EMITTERS: Emitters<Kind> = {
  batched_nn(operation, emission) {
    const [depth, n] = operation.b.shape;
    emitProducts(operation, emission, depth, { aRow: 4 * depth, aStep: 4, bStep: 4 * n, bColumn: 4 });
  },
  batched_tn(operation, emission) {
    const [[depth, m], [, n]] = [operation.a.shape, operation.b.shape];
    emitProducts(operation, emission, depth, { aRow: 4, aStep: 4 * m, bStep: 4 * n, bColumn: 4 });
  },
  batched_nt(operation, emission) {
    const [, depth] = operation.b.shape;
    emitProducts(operation, emission, depth, { aRow: 4 * depth, aStep: 4, bStep: 4, bColumn: 4 * depth });
  },
};

function emitProducts(operation: OperationOf<Kind>, emission: Emission, depth: number, strides: Strides): void {
  const { a, b, c, accumulate } = operation;
  const [m, n] = c.shape;
  const start = accumulate ? "load" : "zero";
  const product: Product = { columns: n, rowsMost: m, depthMost: depth, start, ...strides, cRow: 4 * n };
  const run = emission.module.function(["i32"], (body) => {
    // Where the matrices of this row begin.
    const places = new Map([a, b, c].map((tensor) => [tensor, body.local("i32", emission.address(tensor))]));
    const inner: Emission = { ...emission, f: body, address: (tensor) => places.get(tensor)! };
    body.countDown(body.parameter(0, "i32"), () => {
      emitProduct(inner, product, { a, b, c }, i32.const(m), i32.const(depth));
      for (const [tensor, place] of places) body.advance(place, 4 * tensor.rowSize);
    });
  });
  emission.f.call(run, emission.rows);
}
