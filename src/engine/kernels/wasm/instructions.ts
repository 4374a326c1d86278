// The instructions the kernels use, under the names of the WebAssembly specification: `i32.add(a, b)` is a typed value
// whose code computes a, then b, then adds. Operands are expressions, not results: using one twice computes it twice,
// so what is needed more than once is kept in a local (function-builder.ts).
import { doubleBytes, signed, signedLong, singleBytes, unsigned } from "./encoding.ts";
import type { Code } from "./encoding.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** An expression: code that leaves one value of this type on the stack. */
export interface Value<Type extends ValueType = ValueType> {
  readonly type: Type;
  readonly code: Code;
}

/** Code that leaves the stack as it was. */
export interface Statement {
  readonly code: Code;
}

export type I32 = Value<"i32">;
export type I64 = Value<"i64">;
export type F32 = Value<"f32">;
export type F64 = Value<"f64">;
export type V128 = Value<"v128">;

const value = <Type extends ValueType>(type: Type, ...code: Code): Value<Type> => ({ type, code });
const simd = (opcode: number): Code => [0xfd, unsigned(opcode)];

const unary =
  <From extends ValueType, To extends ValueType>(_from: From, to: To, ...opcode: Code) =>
  (a: Value<From>): Value<To> =>
    value(to, a.code, ...opcode);

const binary =
  <From extends ValueType, To extends ValueType>(_from: From, to: To, ...opcode: Code) =>
  (a: Value<From>, b: Value<From>): Value<To> =>
    value(to, a.code, b.code, ...opcode);

/** `alignment` is the exponent of two of the access; it is a promise about speed only. */
const load =
  <Type extends ValueType>(type: Type, alignment: number, ...opcode: Code) =>
  (address: I32, offset = 0): Value<Type> =>
    value(type, address.code, ...opcode, alignment, unsigned(offset));

const store =
  <Type extends ValueType>(_type: Type, alignment: number, ...opcode: Code) =>
  (address: I32, stored: Value<Type>, offset = 0): Statement => ({
    code: [address.code, stored.code, ...opcode, alignment, unsigned(offset)],
  });

export const i32 = {
  /** Signed or unsigned: the low 32 bits count. */
  const: (n: number): I32 => value("i32", 0x41, signed(n | 0)),
  load: load("i32", 2, 0x28),
  store: store("i32", 2, 0x36),
  eqz: unary("i32", "i32", 0x45),
  eq: binary("i32", "i32", 0x46),
  ne: binary("i32", "i32", 0x47),
  lt_u: binary("i32", "i32", 0x49),
  gt_u: binary("i32", "i32", 0x4b),
  le_u: binary("i32", "i32", 0x4d),
  ge_u: binary("i32", "i32", 0x4f),
  popcnt: unary("i32", "i32", 0x69),
  add: binary("i32", "i32", 0x6a),
  sub: binary("i32", "i32", 0x6b),
  mul: binary("i32", "i32", 0x6c),
  div_u: binary("i32", "i32", 0x6e),
  rem_u: binary("i32", "i32", 0x70),
  and: binary("i32", "i32", 0x71),
  xor: binary("i32", "i32", 0x73),
  shl: binary("i32", "i32", 0x74),
  shr_u: binary("i32", "i32", 0x76),
  wrap_i64: unary("i64", "i32", 0xa7),
  /** NaN becomes 0, what is too large the largest. */
  trunc_sat_f32_s: unary("f32", "i32", 0xfc, 0x00),
} as const;

export const i64 = {
  const: (n: bigint): I64 => value("i64", 0x42, signedLong(BigInt.asIntN(64, n))),
  lt_u: binary("i64", "i32", 0x54),
  add: binary("i64", "i64", 0x7c),
  mul: binary("i64", "i64", 0x7e),
  and: binary("i64", "i64", 0x83),
  xor: binary("i64", "i64", 0x85),
  shr_u: binary("i64", "i64", 0x88),
  extend_i32_u: unary("i32", "i64", 0xad),
} as const;

export const f32 = {
  const: (x: number): F32 => value("f32", 0x43, singleBytes(x)),
  load: load("f32", 2, 0x2a),
  store: store("f32", 2, 0x38),
  ne: binary("f32", "i32", 0x5c),
  gt: binary("f32", "i32", 0x5e),
  le: binary("f32", "i32", 0x5f),
  ge: binary("f32", "i32", 0x60),
  abs: unary("f32", "f32", 0x8b),
  add: binary("f32", "f32", 0x92),
  sub: binary("f32", "f32", 0x93),
  mul: binary("f32", "f32", 0x94),
  div: binary("f32", "f32", 0x95),
  convert_i32_u: unary("i32", "f32", 0xb3),
  demote_f64: unary("f64", "f32", 0xb6),
} as const;

export const f64 = {
  const: (x: number): F64 => value("f64", 0x44, doubleBytes(x)),
  load: load("f64", 3, 0x2b),
  store: store("f64", 3, 0x39),
  lt: binary("f64", "i32", 0x63),
  gt: binary("f64", "i32", 0x64),
  abs: unary("f64", "f64", 0x99),
  sqrt: unary("f64", "f64", 0x9f),
  add: binary("f64", "f64", 0xa0),
  sub: binary("f64", "f64", 0xa1),
  mul: binary("f64", "f64", 0xa2),
  div: binary("f64", "f64", 0xa3),
  convert_i32_u: unary("i32", "f64", 0xb8),
  promote_f32: unary("f32", "f64", 0xbb),
} as const;

const allLanes = (bytes: readonly number[]): Code => [...bytes, ...bytes, ...bytes, ...bytes];

export const v128 = {
  load: load("v128", 4, simd(0x00)),
  /** One 32-bit number in all four lanes. */
  load32_splat: load("v128", 2, simd(0x09)),
  /** One 32-bit number in lane 0, zeros above. */
  load32_zero: load("v128", 2, simd(0x5c)),
  /** Two 32-bit numbers in lanes 0 and 1, zeros above. */
  load64_zero: load("v128", 3, simd(0x5d)),
  store: store("v128", 4, simd(0x0b)),
  store32_lane: (address: I32, stored: V128, lane: number, offset = 0): Statement => ({
    code: [address.code, stored.code, ...simd(0x5a), 2, unsigned(offset), lane],
  }),
  /** Stores lanes 2·lane and 2·lane + 1. */
  store64_lane: (address: I32, stored: V128, lane: number, offset = 0): Statement => ({
    code: [address.code, stored.code, ...simd(0x5b), 3, unsigned(offset), lane],
  }),
  not: unary("v128", "v128", simd(0x4d)),
  and: binary("v128", "v128", simd(0x4e)),
  /** a ∧ ¬b */
  andnot: binary("v128", "v128", simd(0x4f)),
  or: binary("v128", "v128", simd(0x50)),
  xor: binary("v128", "v128", simd(0x51)),
  /** The bits of a where mask is 1, of b where it is 0. */
  bitselect: (a: V128, b: V128, mask: V128): V128 => value("v128", a.code, b.code, mask.code, ...simd(0x52)),
} as const;

const shiftLanes =
  (opcode: number) =>
  (a: V128, count: I32): V128 =>
    value("v128", a.code, count.code, ...simd(opcode));

export const i32x4 = {
  const: (n: number): V128 => value("v128", ...simd(0x0c), allLanes([...new Uint8Array(Int32Array.of(n).buffer)])),
  /** Another number in each lane. */
  lanes: (...numbers: readonly [number, number, number, number]): V128 =>
    value("v128", ...simd(0x0c), ...new Uint8Array(Int32Array.from(numbers).buffer)),
  splat: unary("i32", "v128", ...simd(0x11)),
  extract_lane: (a: V128, lane: number): I32 => value("i32", a.code, ...simd(0x1b), lane),
  /** Lanes 0–3 are those of a, 4–7 those of b. */
  shuffle: (a: V128, b: V128, ...lanes: readonly [number, number, number, number]): V128 =>
    value(
      "v128",
      a.code,
      b.code,
      ...simd(0x0d),
      lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ),
  eq: binary("v128", "v128", simd(0x37)),
  /** 1 when no lane is 0. */
  all_true: unary("v128", "i32", ...simd(0xa3)),
  shl: shiftLanes(0xab),
  shr_s: shiftLanes(0xac),
  shr_u: shiftLanes(0xad),
  /** The highest bit of each lane, lane 0 in bit 0. */
  bitmask: unary("v128", "i32", simd(0xa4)),
  add: binary("v128", "v128", simd(0xae)),
  sub: binary("v128", "v128", simd(0xb1)),
} as const;

export const i64x2 = {
  /** Products of the unsigned numbers in lanes 0 and 1, as 64 bits each. */
  extmul_low_i32x4_u: binary("v128", "v128", simd(0xde)),
  /** As before, of lanes 2 and 3. */
  extmul_high_i32x4_u: binary("v128", "v128", simd(0xdf)),
} as const;

export const f32x4 = {
  const: (x: number): V128 => value("v128", ...simd(0x0c), allLanes(singleBytes(x))),
  splat: unary("f32", "v128", simd(0x13)),
  extract_lane: (a: V128, lane: number): F32 => value("f32", a.code, ...simd(0x1f), lane),
  replace_lane: (a: V128, lane: number, x: F32): V128 => value("v128", a.code, x.code, ...simd(0x20), lane),
  eq: binary("v128", "v128", simd(0x41)),
  ne: binary("v128", "v128", simd(0x42)),
  lt: binary("v128", "v128", simd(0x43)),
  gt: binary("v128", "v128", simd(0x44)),
  le: binary("v128", "v128", simd(0x45)),
  ge: binary("v128", "v128", simd(0x46)),
  abs: unary("v128", "v128", simd(0xe0)),
  neg: unary("v128", "v128", simd(0xe1)),
  sqrt: unary("v128", "v128", simd(0xe3)),
  add: binary("v128", "v128", simd(0xe4)),
  sub: binary("v128", "v128", simd(0xe5)),
  mul: binary("v128", "v128", simd(0xe6)),
  div: binary("v128", "v128", simd(0xe7)),
  /** NaN when either is NaN. */
  min: binary("v128", "v128", simd(0xe8)),
  max: binary("v128", "v128", simd(0xe9)),
  /** b < a ? b : a, one instruction on x86; a stays when it is NaN. */
  pmin: binary("v128", "v128", simd(0xea)),
  /** a < b ? b : a; a stays when it is NaN. */
  pmax: binary("v128", "v128", simd(0xeb)),
  convert_i32x4_s: unary("v128", "v128", simd(0xfa)),
  /** a·b + c, rounded once or twice as the machine does it (relaxed SIMD). */
  relaxed_madd: (a: V128, b: V128, c: V128): V128 => value("v128", a.code, b.code, c.code, ...simd(0x105)),
} as const;

export const f64x2 = {
  const: (x: number): V128 => value("v128", ...simd(0x0c), doubleBytes(x), doubleBytes(x)),
  extract_lane: (a: V128, lane: number): F64 => value("f64", a.code, ...simd(0x21), lane),
  promote_low_f32x4: unary("v128", "v128", simd(0x5f)),
  add: binary("v128", "v128", simd(0xf0)),
  mul: binary("v128", "v128", simd(0xf2)),
} as const;

export const memory = {
  /** Pages of 64 KiB. */
  size: (): I32 => value("i32", 0x3f, 0),
  /** `count` bytes from `address` on become the low byte of `byte`. */
  fill: (address: I32, byte: I32, count: I32): Statement => ({
    code: [address.code, byte.code, count.code, 0xfc, 0x0b, 0],
  }),
  copy: (to: I32, from: I32, count: I32): Statement => ({
    code: [to.code, from.code, count.code, 0xfc, 0x0a, 0, 0],
  }),
} as const;

/** a where the condition is not 0, else b; both are computed. */
export function select<Type extends ValueType>(a: Value<Type>, b: Value<Type>, condition: I32): Value<Type> {
  return value(a.type, a.code, b.code, condition.code, 0x1b);
}
