// Columns in vectors: a strip of any width is loaded as whole vectors (what lies beyond its end is read, never used)
// and stored exactly, lane by lane where a vector is not full. A tensor's end is no hazard: the kernels' working memory follows.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { v128 } from "../wasm/instructions.ts";
import type { I32 } from "../wasm/instructions.ts";

const LANES = 4;
const BYTES = 16;

/** One entry per vector that `columns` floats need. */
export function vectorsFor(columns: number): undefined[] {
  return Array(Math.ceil(columns / LANES)).fill(undefined);
}

export function loadColumns(f: FunctionBuilder, address: I32, columns: number, offset = 0): Local<"v128">[] {
  return vectorsFor(columns).map((_, index) => f.local("v128", v128.load(address, offset + BYTES * index)));
}

export function storeColumns(
  f: FunctionBuilder,
  address: I32,
  vectors: readonly Local<"v128">[],
  columns: number,
  offset = 0,
): void {
  vectors.forEach((vector, index) => {
    const lanes = Math.min(LANES, columns - LANES * index);
    const at = offset + BYTES * index;
    if (lanes === LANES) f.emit(v128.store(address, vector, at));
    if (lanes === 2 || lanes === 3) f.emit(v128.store64_lane(address, vector, 0, at));
    if (lanes === 1 || lanes === 3) f.emit(v128.store32_lane(address, vector, lanes - 1, at + 4 * (lanes - 1)));
  });
}
