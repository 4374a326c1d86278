// exp, log, tanh and sigmoid of four numbers at a time, in separate multiplies and adds on every tier, so a number has
// the bits of the reference on each of them: formulas, constants and sources stand in reference/transcendental.ts.
// Largest error in units in the last place (test/engine/kernels/transcendental.test.ts):
//   exp 1.0, also of denormal results · log 0.9 · log(1 + x) 1.2 · tanh 1.3 · sigmoid 2.5, 0 below −87.7
// NaN gives NaN, −∞ and +∞ their limits.
import {
  EXP_HIGHEST,
  EXP_LOWEST,
  EXP_POLYNOMIAL,
  LN2_HIGH,
  LN2_LOW,
  LOG_POLYNOMIAL,
  ROUNDER,
  SIGMOID_HIGH,
  SIGMOID_LIMIT,
  SIGMOID_LOW,
  TANH_POLYNOMIAL,
  TANH_SWITCH,
} from "../reference/transcendental.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { f32x4, i32, i32x4, v128 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";

/** ROUNDER, as bits. */
const ROUNDER_BITS = 0x4b400000;

/** e^x. n = round(x/ln 2), r = x − n·ln 2, e^r by a polynomial, then times 2^n in two halves: the first product cannot
 * leave the normal range, so denormal results are rounded once. */
export function exponential(f: FunctionBuilder, argument: V128): Local<"v128"> {
  // The argument first: pmin and pmax then keep a NaN.
  const clamped = f32x4.pmax(f32x4.pmin(argument, lanes(f, EXP_HIGHEST)), lanes(f, EXP_LOWEST));
  const x = f.local("v128", clamped);
  const shifted = f.local("v128", f32x4.add(f32x4.mul(x, lanes(f, Math.LOG2E)), lanes(f, ROUNDER)));
  const n = f.local("v128", f32x4.sub(shifted, lanes(f, ROUNDER)));
  const reduced = f32x4.sub(f32x4.sub(x, f32x4.mul(n, lanes(f, LN2_HIGH))), f32x4.mul(n, lanes(f, LN2_LOW)));
  const r = f.local("v128", reduced);
  const tail = f32x4.mul(polynomial(f, EXP_POLYNOMIAL, r), f32x4.mul(r, r));
  const power = f.local("v128", f32x4.add(f32x4.add(tail, r), lanes(f, 1)));
  const exponent = f.local("v128", i32x4.sub(shifted, bits(f, ROUNDER_BITS)));
  const half = f.local("v128", i32x4.shr_s(exponent, i32.const(1)));
  return f.local("v128", f32x4.mul(f32x4.mul(power, powerOfTwo(f, half)), powerOfTwo(f, i32x4.sub(exponent, half))));
}

/** ln x for x in [2⁻¹²⁶, ∞). x = m·2^e with m in [√½, √2), ln m by a polynomial in m − 1. */
export function logarithm(f: FunctionBuilder, argument: V128): Local<"v128"> {
  const x = f.local("v128", argument);
  const unitBits = v128.or(v128.and(x, bits(f, 0x007fffff)), bits(f, 0x3f800000));
  const mantissa = f.local("v128", unitBits);
  const upper = f.local("v128", f32x4.gt(mantissa, lanes(f, Math.SQRT2)));
  const exponent = i32x4.sub(i32x4.sub(i32x4.shr_u(x, i32.const(23)), bits(f, 127)), upper);
  const e = f.local("v128", f32x4.convert_i32x4_s(exponent));
  const halved = v128.bitselect(f32x4.mul(mantissa, lanes(f, 0.5)), mantissa, upper);
  const z = f.local("v128", f32x4.sub(halved, lanes(f, 1)));
  const square = f.local("v128", f32x4.mul(z, z));
  const cubic = f32x4.mul(f32x4.mul(polynomial(f, LOG_POLYNOMIAL, z), z), square);
  const low = f32x4.add(cubic, f32x4.mul(e, lanes(f, LN2_LOW)));
  const rest = f32x4.sub(low, f32x4.mul(square, lanes(f, 0.5)));
  const result = f32x4.add(f32x4.add(z, rest), f32x4.mul(e, lanes(f, LN2_HIGH)));
  // Taking the bits apart lost NaN and ∞; both stay what they are.
  return f.local("v128", v128.bitselect(result, x, f32x4.lt(x, lanes(f, Infinity))));
}

/** 1/(1 + e^{−x}) as 2^m/(2^m + e^r). What each line needs is ready early: networks wait for this more than for anything. */
export function sigmoid(f: FunctionBuilder, argument: V128): Local<"v128"> {
  // The argument first: pmin and pmax then keep a NaN.
  const clamped = f32x4.pmax(f32x4.pmin(argument, lanes(f, SIGMOID_LIMIT)), lanes(f, -SIGMOID_LIMIT));
  const x = f.local("v128", clamped);
  const shifted = f.local("v128", f32x4.add(f32x4.mul(x, lanes(f, Math.LOG2E)), lanes(f, ROUNDER)));
  const m = f.local("v128", f32x4.sub(shifted, lanes(f, ROUNDER)));
  const reduced = f32x4.add(f32x4.sub(f32x4.mul(m, lanes(f, LN2_HIGH)), x), f32x4.mul(m, lanes(f, LN2_LOW)));
  const r = f.local("v128", reduced);
  const square = f.local("v128", f32x4.mul(r, r));
  const low = f32x4.mul(polynomial(f, SIGMOID_LOW, r), square);
  const [q4, q3, q2] = SIGMOID_HIGH.map((coefficient) => lanes(f, coefficient));
  const quadratic = f32x4.add(f32x4.mul(q4, square), f32x4.add(f32x4.mul(q3, r), q2));
  const high = f32x4.mul(quadratic, f32x4.mul(square, square));
  // The shift leaves of ROUNDER's bits those of m.
  const scale = f.local("v128", i32x4.add(i32x4.shl(shifted, i32.const(23)), lanes(f, 1)));
  const power = f32x4.add(f32x4.add(r, low), high);
  return f.local("v128", f32x4.div(scale, f32x4.add(f32x4.add(lanes(f, 1), scale), power)));
}

/** tanh x: an odd polynomial near 0, where 1 − 2·sigmoid(−2|x|) would cancel. */
export function hyperbolicTangent(f: FunctionBuilder, argument: V128): Local<"v128"> {
  const x = f.local("v128", argument);
  const size = f.local("v128", f32x4.abs(x));
  const square = f.local("v128", f32x4.mul(x, x));
  const odd = f32x4.mul(f32x4.mul(polynomial(f, TANH_POLYNOMIAL, square), square), x);
  const near = f.local("v128", f32x4.add(odd, x));
  const rest = sigmoid(f, f32x4.neg(f32x4.add(size, size)));
  const far = f32x4.sub(lanes(f, 1), f32x4.add(rest, rest));
  const chosen = v128.bitselect(near, far, f32x4.lt(size, lanes(f, TANH_SWITCH)));
  // The sign of x, also that of −0.
  return f.local("v128", v128.or(chosen, v128.and(x, bits(f, 0x80000000))));
}

/** ln(1 + e) for e in [0, 1]: what u = 1 + e lost by rounding is given back (Kahan; HP-15C manual, 1982). */
export function logarithmOfOnePlus(f: FunctionBuilder, e: Local<"v128">): Local<"v128"> {
  const u = f.local("v128", f32x4.add(lanes(f, 1), e));
  const lost = f32x4.sub(e, f32x4.sub(u, lanes(f, 1)));
  return f.local("v128", f32x4.add(logarithm(f, u), f32x4.div(lost, u)));
}

/** c₀xⁿ + … + c_n by Horner's rule. */
function polynomial(f: FunctionBuilder, coefficients: readonly number[], x: Local<"v128">): Local<"v128"> {
  const [first, ...rest] = coefficients;
  const sum = f.local("v128", lanes(f, first));
  for (const coefficient of rest) f.set(sum, f32x4.add(f32x4.mul(sum, x), lanes(f, coefficient)));
  return sum;
}

/** 2^n for integers n in [−126, 127] */
function powerOfTwo(f: FunctionBuilder, n: V128): V128 {
  return i32x4.shl(i32x4.add(n, bits(f, 127)), i32.const(23));
}

/** x in all lanes, made where the function begins: V8 would make it anew at every use. */
function lanes(f: FunctionBuilder, x: number): V128 {
  return f.pinned(f32x4.const(x));
}

/** As `lanes`, of the bits of an integer. */
function bits(f: FunctionBuilder, n: number): V128 {
  return f.pinned(i32x4.const(n));
}
