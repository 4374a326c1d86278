// Philox4x32-10 (Salmon, Moraes, Dror & Shaw, 2011), the block function of random.ts in generated code: the same numbers.
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { i32x4, i64, i64x2, v128 } from "../wasm/instructions.ts";
import type { I32, I64, V128 } from "../wasm/instructions.ts";

const [MULTIPLIER_0, MULTIPLIER_1] = [0xd2511f53n, 0xcd9e8d57n];
const [WEYL_0, WEYL_1] = [0x9e3779b9n, 0xbb67ae85n];
const ROUNDS = 10;

/** The four numbers of one block, each below 2³² in an i64: the upper half of a product is then a shift away. */
export function philox(
  f: FunctionBuilder,
  counter: readonly [I32, I32, I32, I32],
  key: readonly [I32, I32],
): readonly Local<"i64">[] {
  const extended = (value: I32): Local<"i64"> => f.local("i64", i64.extend_i32_u(value));
  const [c0, c1, c2, c3] = counter.map(extended);
  const [k0, k1] = key.map(extended);
  const [product0, product1] = [f.local("i64"), f.local("i64")];
  const lower = (value: I64): I64 => i64.and(value, i64.const(0xffffffffn));
  const upper = (value: I64): I64 => i64.shr_u(value, i64.const(32n));
  for (let round = 0; round < ROUNDS; round++) {
    f.set(product0, i64.mul(c0, i64.const(MULTIPLIER_0)));
    f.set(product1, i64.mul(c2, i64.const(MULTIPLIER_1)));
    f.set(c0, i64.xor(i64.xor(upper(product1), c1), k0));
    f.set(c1, lower(product1));
    f.set(c2, i64.xor(i64.xor(upper(product0), c3), k1));
    f.set(c3, lower(product0));
    f.set(k0, lower(i64.add(k0, i64.const(WEYL_0))));
    f.set(k1, lower(i64.add(k1, i64.const(WEYL_1))));
  }
  return [c0, c1, c2, c3];
}

/** Four blocks at a time, one in each lane: the first numbers of all of them, then their second ones, … */
export function philoxInLanes(
  f: FunctionBuilder,
  counters: readonly [V128, V128, V128, V128],
  key: readonly [I32, I32],
): readonly Local<"v128">[] {
  const [c0, c1, c2, c3] = counters.map((value) => f.local("v128", value));
  const [k0, k1] = key.map((word) => f.local("v128", i32x4.splat(word)));
  const constant = (number: bigint): V128 => f.pinned(i32x4.const(Number(number)));
  const [high0, low0, high1, low1] = [0, 1, 2, 3].map(() => f.local("v128"));
  for (let round = 0; round < ROUNDS; round++) {
    multiply(f, c0, constant(MULTIPLIER_0), high0, low0);
    multiply(f, c2, constant(MULTIPLIER_1), high1, low1);
    f.set(c0, v128.xor(v128.xor(high1, c1), k0));
    f.set(c1, low1);
    f.set(c2, v128.xor(v128.xor(high0, c3), k1));
    f.set(c3, low0);
    f.set(k0, i32x4.add(k0, constant(WEYL_0)));
    f.set(k1, i32x4.add(k1, constant(WEYL_1)));
  }
  return [c0, c1, c2, c3];
}

/** The upper and the lower halves of the products of unsigned numbers, lane by lane. */
export function multiply(
  f: FunctionBuilder,
  a: Local<"v128">,
  b: V128,
  high: Local<"v128">,
  low?: Local<"v128">,
): void {
  const first = f.local("v128", i64x2.extmul_low_i32x4_u(a, b));
  const second = f.local("v128", i64x2.extmul_high_i32x4_u(a, b));
  f.set(high, i32x4.shuffle(first, second, 1, 3, 5, 7));
  if (low !== undefined) f.set(low, i32x4.shuffle(first, second, 0, 2, 4, 6));
}
