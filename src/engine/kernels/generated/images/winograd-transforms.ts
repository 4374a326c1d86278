// The transforms of Winograd's minimal filtering F(2×2, 3×3), after Lavin & Gray, 2016: a tile of 2 × 2 outputs of a 3 × 3
// window takes 16 multiplications instead of 36,
//   y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A       x (4,4)  w (3,3)  y (2,2), for each pair of channels
//   Bᵀ = 1  0 −1  0      G = 1   0   0      Aᵀ = 1  1  1  0
//        0  1  1  0          ½   ½   ½           0  1 −1 −1
//        0 −1  1  0          ½  −½   ½
//        0  1  0 −1          0   0   1
// Each function below multiplies four (or three) numbers by one of the matrices; a tile takes it by columns, then by rows.
// Numbers are pairs of neighbouring vectors, 8 channels, which V8 merges.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, v128 } from "../../wasm/instructions.ts";
import type { I32, V128 } from "../../wasm/instructions.ts";

/** 8 channels of one pixel. */
export type Pair = readonly [Local<"v128">, Local<"v128">];

const HALF = f32x4.const(0.5);

export function loadPair(f: FunctionBuilder, address: I32, offset: number): Pair {
  return [f.local("v128", v128.load(address, offset)), f.local("v128", v128.load(address, offset + 16))];
}

export function storePair(f: FunctionBuilder, address: I32, pair: Pair, offset: number): void {
  pair.forEach((vector, index) => f.emit(v128.store(address, vector, offset + 16 * index)));
}

/** Bᵀ·x */
export function inputTransform(f: FunctionBuilder, [x0, x1, x2, x3]: readonly Pair[]): Pair[] {
  return [sub(f, x0, x2), add(f, x1, x2), sub(f, x2, x1), sub(f, x1, x3)];
}

/** G·w */
export function weightTransform(f: FunctionBuilder, [w0, w1, w2]: readonly Pair[]): Pair[] {
  const ends = add(f, w0, w2);
  return [w0, half(f, add(f, ends, w1)), half(f, sub(f, ends, w1)), w2];
}

/** Aᵀ·m */
export function outputTransform(f: FunctionBuilder, [m0, m1, m2, m3]: readonly Pair[]): Pair[] {
  return [add(f, add(f, m0, m1), m2), sub(f, sub(f, m1, m2), m3)];
}

/** A·dy, the transpose of the output's transform: what each product of a tile contributes to. */
export function outputGradientTransform(f: FunctionBuilder, [d0, d1]: readonly Pair[]): Pair[] {
  return [d0, add(f, d0, d1), sub(f, d0, d1), negative(f, d1)];
}

/** Gᵀ·p, the transpose of the weights' transform. */
export function weightGradientTransform(f: FunctionBuilder, [p0, p1, p2, p3]: readonly Pair[]): Pair[] {
  const inner = half(f, add(f, p1, p2));
  return [add(f, p0, inner), half(f, sub(f, p1, p2)), add(f, inner, p3)];
}

/** Transforms a tile given as rows of columns: first every column, then every row of what came out. */
export function transformTile(
  f: FunctionBuilder,
  tile: readonly (readonly Pair[])[],
  transform: (f: FunctionBuilder, line: readonly Pair[]) => Pair[],
): Pair[][] {
  const columns = tile[0].map((_, column) =>
    transform(
      f,
      tile.map((row) => row[column]),
    ),
  );
  return columns[0].map((_, row) =>
    transform(
      f,
      columns.map((column) => column[row]),
    ),
  );
}

export function add(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  return combine(f, f32x4.add, a, b);
}

function sub(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  return combine(f, f32x4.sub, a, b);
}

function combine(f: FunctionBuilder, operation: (a: V128, b: V128) => V128, a: Pair, b: Pair): Pair {
  return [f.local("v128", operation(a[0], b[0])), f.local("v128", operation(a[1], b[1]))];
}

function negative(f: FunctionBuilder, [a, b]: Pair): Pair {
  return [f.local("v128", f32x4.neg(a)), f.local("v128", f32x4.neg(b))];
}

function half(f: FunctionBuilder, [a, b]: Pair): Pair {
  return [f.local("v128", f32x4.mul(a, HALF)), f.local("v128", f32x4.mul(b, HALF))];
}
