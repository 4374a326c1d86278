// The transforms of Winograd's minimal filtering F(4×4, 3×3), after Lavin & Gray, 2016: a tile of 4 × 4 outputs of a 3 × 3
// window takes 36 multiplications instead of 144,
//   y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A       x (6,6)  w (3,3)  y (4,4), for each pair of channels
//   Bᵀ = 4  0 −5  0  1  0      G = 1/4    0    0      Aᵀ = 1  1  1  1  1  0
//        0 −4 −4  1  1  0         −1/6 −1/6 −1/6           0  1 −1  2 −2  0
//        0  4 −4 −1  1  0         −1/6  1/6 −1/6           0  1  1  4  4  0
//        0 −2 −1  2  1  0         1/24 1/12  1/6           0  1 −1  8 −8  1
//        0  2 −1 −2  1  0         1/24 −1/12 1/6
//        0  4  0 −5  0  1            0    0    1
// Each function below multiplies a line of numbers by one of the matrices; a tile takes it by columns, then by rows.
// Numbers are pairs of neighbouring vectors, 8 channels, which V8 merges.
import type { FunctionBuilder, Local } from "../../wasm/function-builder.ts";
import { f32x4, i32, v128 } from "../../wasm/instructions.ts";
import type { I32, V128 } from "../../wasm/instructions.ts";

/** 8 channels of one pixel. */
export type Pair = readonly [Local<"v128">, Local<"v128">];

/** Outputs of a tile, and pixels it sees, in each direction. */
export const TILE_OUTPUTS = 4;
export const TILE_PIXELS = 6;

export function loadPair(f: FunctionBuilder, address: I32, offset: number): Pair {
  return [f.local("v128", v128.load(address, offset)), f.local("v128", v128.load(address, offset + 16))];
}

export function storePair(f: FunctionBuilder, address: I32, pair: Pair, offset: number): void {
  pair.forEach((vector, index) => f.emit(v128.store(address, vector, offset + 16 * index)));
}

/** What multiplies a line by a matrix. */
export type Transform = (f: FunctionBuilder, line: readonly Pair[]) => Pair[];

/** Bᵀ·x */
export const inputTransform: Transform = (f, [x0, x1, x2, x3, x4, x5]) => {
  const [even, odd] = [plus(f, x4, -4, x2), plus(f, x3, -4, x1)];
  const [near, far] = [sub(f, x4, x2), sub(f, x3, x1)];
  return [
    plus(f, near, 4, sub(f, x0, x2)),
    add(f, even, odd),
    sub(f, even, odd),
    plus(f, near, 2, far),
    plus(f, near, -2, far),
    plus(f, sub(f, x5, x3), -4, far),
  ];
};

/** G·w */
export const weightTransform: Transform = (f, [w0, w1, w2]) => {
  const ends = times(f, -1 / 6, add(f, w0, w2));
  const outer = plus(f, times(f, 1 / 6, w2), 1 / 24, w0);
  return [
    times(f, 1 / 4, w0),
    plus(f, ends, -1 / 6, w1),
    plus(f, ends, 1 / 6, w1),
    plus(f, outer, 1 / 12, w1),
    plus(f, outer, -1 / 12, w1),
    w2,
  ];
};

/** Aᵀ·m */
export const outputTransform: Transform = (f, [m0, m1, m2, m3, m4, m5]) => {
  const [even, odd] = [add(f, m1, m2), sub(f, m1, m2)];
  const [farEven, farOdd] = [add(f, m3, m4), sub(f, m3, m4)];
  return [
    add(f, add(f, m0, even), farEven),
    plus(f, odd, 2, farOdd),
    plus(f, even, 4, farEven),
    add(f, plus(f, odd, 8, farOdd), m5),
  ];
};

/** A·dy, the transpose of the output's transform: what each product of a tile contributes to. */
export const outputGradientTransform: Transform = (f, [d0, d1, d2, d3]) => {
  const [even, odd] = [add(f, d0, d2), add(f, d1, d3)];
  const [farEven, farOdd] = [plus(f, d0, 4, d2), plus(f, d1, 4, d3)];
  return [d0, add(f, even, odd), sub(f, even, odd), plus(f, farEven, 2, farOdd), plus(f, farEven, -2, farOdd), d3];
};

/** Gᵀ·p, the transpose of the weights' transform. */
export const weightGradientTransform: Transform = (f, [p0, p1, p2, p3, p4, p5]) => {
  const [even, odd] = [add(f, p1, p2), sub(f, p2, p1)];
  const [farEven, farOdd] = [add(f, p3, p4), sub(f, p3, p4)];
  return [
    plus(f, plus(f, times(f, 1 / 4, p0), -1 / 6, even), 1 / 24, farEven),
    plus(f, times(f, 1 / 6, odd), 1 / 12, farOdd),
    plus(f, plus(f, p5, -1 / 6, even), 1 / 6, farEven),
  ];
};

/** Rows × columns of pairs in memory: how many, and where one lies. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  load(row: number, column: number): Pair;
}

/** Address of room for a tile that is transformed in one direction. */
export const STASH_BYTES = 32 * TILE_PIXELS * TILE_PIXELS;

/** Transforms a tile: first every column, then every row of what came out, which `store` gets with its number. Between
 * the two it rests in memory: it is more than the registers hold, and stores keep V8 from loading it all at once. */
export function transformTile(
  f: FunctionBuilder,
  { rows, columns, load }: Grid,
  stash: number,
  transform: Transform,
  store: (row: number, line: readonly Pair[]) => void,
): void {
  const place = i32.const(stash);
  let height = 0;
  for (let column = 0; column < columns; column++) {
    f.scope(() => {
      const seen = Array.from({ length: rows }, (_, row) => load(row, column));
      const line = transform(f, seen);
      height = line.length;
      line.forEach((pair, row) => storePair(f, place, pair, 32 * (TILE_PIXELS * row + column)));
    });
  }
  for (let row = 0; row < height; row++) {
    f.scope(() => {
      const line = Array.from({ length: columns }, (_, column) =>
        loadPair(f, place, 32 * (TILE_PIXELS * row + column)),
      );
      store(row, transform(f, line));
    });
  }
}

export function add(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  return combine(f, f32x4.add, a, b);
}

function sub(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  return combine(f, f32x4.sub, a, b);
}

/** a + factor·b */
function plus(f: FunctionBuilder, a: Pair, factor: number, b: Pair): Pair {
  const constant = f.pinned(f32x4.const(factor));
  return combine(f, (one, other) => f32x4.relaxed_madd(constant, other, one), a, b);
}

/** factor·a */
function times(f: FunctionBuilder, factor: number, a: Pair): Pair {
  const constant = f.pinned(f32x4.const(factor));
  return combine(f, (one) => f32x4.mul(constant, one), a, a);
}

function combine(f: FunctionBuilder, operation: (a: V128, b: V128) => V128, a: Pair, b: Pair): Pair {
  return [f.local("v128", operation(a[0], b[0])), f.local("v128", operation(a[1], b[1]))];
}
