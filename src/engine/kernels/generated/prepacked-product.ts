// A product whose right factor serves many times within one operation, such as recurrent weights in every step: b is
// packed once, whole, into scratch memory. Blocks of k and the micro-kernel are those of product.ts.
import type { Tensor } from "../../tensor.ts";
import type { FunctionBuilder } from "../wasm/function-builder.ts";
import { i32 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";
import { vectorsFor } from "./columns.ts";
import { BLOCK } from "./emission.ts";
import type { Emission } from "./emission.ts";
import { pack, rowBlocks } from "./product.ts";
import type { Nest, Product } from "./product.ts";

export interface PrepackedProduct {
  /** Emits the packing of b. */
  pack(f: FunctionBuilder): void;
  /** Emits c = a·b or c += a·b for `rows` ≥ 1 rows. The addresses are read more than once. */
  multiply(f: FunctionBuilder, a: I32, c: I32, rows: I32): void;
}

/** `depthMost` steps of k, neither more nor fewer. Takes the operation's scratch memory. */
export function prepackedProduct(
  { module, arithmetic, scratch, address }: Emission,
  product: Product,
  b: Tensor,
): PrepackedProduct {
  const { depthMost, columns, aStep, bStep } = product;
  const { fused, tile } = arithmetic;
  const depth = Math.ceil(depthMost / Math.ceil(depthMost / BLOCK.depth));
  // Panels are whole vectors wide, so a step of k takes as much room in any of them.
  const stepBytes = 16 * vectorsFor(columns).length;
  const room = scratch(depthMost * stepBytes);
  const nest = (f: FunctionBuilder): Nest => {
    return { ...product, module, f, fused, tile, scratch: 0, depth, aTile: tile.rows * product.aRow };
  };
  const starts = Array.from({ length: Math.ceil(depthMost / depth) }, (_, index) => index * depth);
  const extent = (start: number): I32 => i32.const(Math.min(depth, depthMost - start));
  const packed = (start: number): I32 => i32.const(room + start * stepBytes);

  return {
    pack(f) {
      for (const start of starts) {
        pack(nest(f), { b: i32.add(address(b), i32.const(start * bStep)), k: extent(start) }, packed(start));
      }
    },
    multiply(f, a, c, rows) {
      for (const start of starts) {
        const from = start === 0 ? a : i32.add(a, i32.const(start * aStep));
        const begin = start === 0 ? product.start : "load";
        rowBlocks(nest(f), { a: from, b: packed(start), c, rows, k: extent(start), start: begin, row: i32.const(0) });
      }
    },
  };
}
