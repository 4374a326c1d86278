// Sums along a row, in the order of the reference, and the largest of a row.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32, f32x4, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { I32, V128 } from "../wasm/instructions.ts";

const SIXTEEN = 16;
/** The four vectors of a sixteen. */
const QUADS = [0, 1, 2, 3] as const;

/** Σ_j x_j of `width` floats from `address` on, one add after another. */
export function emitSum(f: FunctionBuilder, address: I32, width: number): Local<"f32"> {
  const sum = f.local("f32", f32.const(0));
  const at = f.local("i32", address);
  f.countDown(f.local("i32", i32.const(width)), () => {
    f.set(sum, f32.add(sum, f32.load(at)));
    f.advance(at, 4);
  });
  return sum;
}

/** Σ_j x_j as sixteen interleaved sums of the whole sixteens, in four vectors, added as a tree; then the rest, one by one. */
export function emitInterleavedSum(f: FunctionBuilder, address: I32, width: number): Local<"f32"> {
  return emitInterleavedSums(f, [address], width, [([x]) => x])[0];
}

/** A term of a sum, from one vector of each input. */
export type Term = (inputs: readonly Local<"v128">[]) => V128;

/** The sums of several terms over `width` floats from each of the addresses on, in the order of `emitInterleavedSum`. */
export function emitInterleavedSums(
  f: FunctionBuilder,
  addresses: readonly I32[],
  width: number,
  terms: readonly Term[],
): Local<"f32">[] {
  const pointers = addresses.map((address) => f.local("i32", address));
  const advance = (bytes: number): void => pointers.forEach((pointer) => f.advance(pointer, bytes));
  const sums = terms.map(() => f.local("f32", f32.const(0)));
  if (width >= SIXTEEN) {
    const quads = terms.map(() => QUADS.map(() => f.local("v128", f32x4.const(0))));
    f.countDown(f.local("i32", i32.const(Math.floor(width / SIXTEEN))), () => {
      for (const quad of QUADS) {
        const inputs = pointers.map((pointer) => f.local("v128", v128.load(pointer, 16 * quad)));
        terms.forEach((term, index) => f.set(quads[index][quad], f32x4.add(quads[index][quad], term(inputs))));
      }
      advance(4 * SIXTEEN);
    });
    quads.forEach(([a, b, c, d], index) => {
      const halves = f.local("v128", f32x4.add(f32x4.add(a, c), f32x4.add(b, d)));
      const lane = (position: number) => f32x4.extract_lane(halves, position);
      f.set(sums[index], f32.add(f32.add(lane(0), lane(2)), f32.add(lane(1), lane(3))));
    });
  }
  f.repeat(f.local("i32", i32.const(width % SIXTEEN)), () => {
    const inputs = pointers.map((pointer) => f.local("v128", v128.load32_zero(pointer)));
    terms.forEach((term, index) => f.set(sums[index], f32.add(sums[index], f32x4.extract_lane(term(inputs), 0))));
    advance(4);
  });
  return sums;
}

/** The largest of `width` floats; a NaN counts only in the first place, where it stays. */
export function emitMaximum(f: FunctionBuilder, address: I32, width: number): Local<"f32"> {
  const at = f.local("i32", address);
  const largest = f.local("f32", f32.load(at));
  const next = f.local("f32");
  const compare = (): void => f.if(f32.gt(next, largest), () => f.set(largest, next));
  if (width >= SIXTEEN) {
    const quads = QUADS.map(() => f.local("v128", f32x4.splat(largest)));
    f.countDown(f.local("i32", i32.const(Math.floor(width / SIXTEEN))), () => {
      for (const quad of QUADS) f.set(quads[quad], f32x4.pmax(quads[quad], v128.load(at, 16 * quad)));
      f.advance(at, 4 * SIXTEEN);
    });
    const [a, b, c, d] = quads;
    const lanes = f.local("v128", f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
    for (let lane = 0; lane < 4; lane++) {
      f.set(next, f32x4.extract_lane(lanes, lane));
      compare();
    }
  }
  f.repeat(f.local("i32", i32.const(width % SIXTEEN)), () => {
    f.set(next, f32.load(at));
    compare();
    f.advance(at, 4);
  });
  return largest;
}

/** 1 when the element at address `chosen` is the largest of a row and the first among equals, else 0. */
export function emitIsFirstLargest(f: FunctionBuilder, row: I32, width: number, chosen: I32): I32 {
  const [at, end] = [f.local("i32", row), f.local("i32", chosen)];
  const largest = f.local("v128", v128.load32_splat(end));
  const all = f.local("v128", f32x4.eq(f32x4.const(0), f32x4.const(0)));
  const compare = (elements: I32, holds: (a: V128, b: V128) => V128): void => {
    const count = f.local("i32", elements);
    f.repeat(f.local("i32", i32.shr_u(count, i32.const(2))), () => {
      f.set(all, v128.and(all, holds(v128.load(at), largest)));
      f.advance(at, 16);
    });
    f.repeat(f.local("i32", i32.and(count, i32.const(3))), () => {
      f.set(all, v128.and(all, holds(v128.load32_splat(at), largest)));
      f.advance(at, 4);
    });
  };
  const before = f.local("i32", i32.shr_u(i32.sub(end, at), i32.const(2)));
  compare(before, f32x4.lt);
  f.advance(at, 4);
  compare(i32.sub(i32.const(width - 1), before), f32x4.le);
  return i32x4.all_true(all);
}
