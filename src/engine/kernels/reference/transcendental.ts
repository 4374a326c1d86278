// exp, log, tanh and sigmoid in single precision: ranges and polynomials of Cephes (Moshier, 1989: expf, logf, tanhf),
// rounded after every operation, so that every processor and every tier gives the same bits. Double precision takes them
// from Math. The largest errors stand in generated/transcendental.ts, which does the same four numbers at a time.
//   e^x = 2ⁿ·e^r            n = round(x/ln 2), r = x − n·ln 2, e^r = 1 + r + r²·P(r)
//   ln x = ln m + e·ln 2    x = m·2^e, m in [√½, √2), z = m − 1, ln m = z − z²/2 + z³·P(z)
//   sigmoid x = 2ᵐ/(2ᵐ + e^r)   m = round(x/ln 2), r = m·ln 2 − x, e^r = 1 + r + r²·P(r) + r⁴·Q(r): 1/(1 + e^{−x}) where
//                               nothing can overflow, with short chains of operations (Estrin, 1960)
//   tanh x = x + x³·P(x²)       near 0, where 1 − 2·sigmoid(−2|x|) would cancel
import type { Round } from "./family.ts";

/** 1.5·2²³: adding it rounds to an integer and leaves that integer in the low bits. */
export const ROUNDER = 12582912;
/** ln 2 in two parts: products of the first with integers below 2¹⁵ are exact. */
export const [LN2_HIGH, LN2_LOW] = [0.693359375, -2.1219444e-4];
export const EXP_POLYNOMIAL = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];
/** Beyond these e^x is 0 or ∞ in single precision. */
export const [EXP_LOWEST, EXP_HIGHEST] = [-104, 89];

/** P and Q: least relative error of e^r, 0.05 of 2⁻²⁴, on |r| ≤ ½·ln 2 (test/engine/kernels/sigmoid-polynomial.py). */
export const [SIGMOID_LOW, SIGMOID_HIGH] = [
  [0.166665211, 0.49999994],
  [1.38206338e-3, 8.36867373e-3, 4.16682661e-2],
];
/** Beyond ±88 sigmoid is 0 or 1 in single precision: m stays within ±127, and 2^−127 is written as 0. */
export const SIGMOID_LIMIT = 88;

export const LOG_POLYNOMIAL = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

export const TANH_POLYNOMIAL = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
];
export const TANH_SWITCH = 0.625;

export interface Transcendental {
  readonly exp: (x: number) => number;
  /** Single precision: for x in [2⁻¹²⁶, ∞]. */
  readonly log: (x: number) => number;
  /** ln(1 + e) for e in [0, 1]. */
  readonly log1p: (e: number) => number;
  readonly tanh: (x: number) => number;
  readonly sigmoid: (x: number) => number;
}

/** One number seen as a float and as its bits. */
const FLOAT = new Float32Array(1);
const BITS = new Int32Array(FLOAT.buffer);

/** The functions in the precision of `round`. One body for both precisions, with a flag: see roundTo. */
export function transcendental(round: Round): Transcendental {
  const single = round(1 / 3) !== 1 / 3;
  const [log2e, ln2High, ln2Low, sqrt2] = [Math.LOG2E, LN2_HIGH, LN2_LOW, Math.SQRT2].map(round);
  const [expTerms, logTerms, tanhTerms, lowTerms, highTerms] = [
    EXP_POLYNOMIAL,
    LOG_POLYNOMIAL,
    TANH_POLYNOMIAL,
    SIGMOID_LOW,
    SIGMOID_HIGH,
  ].map((terms) => terms.map(round));

  /** c₀xⁿ + … + c_n by Horner's rule. */
  const polynomial = (coefficients: readonly number[], x: number): number => {
    let sum = coefficients[0];
    for (let i = 1; i < coefficients.length; i++) sum = round(round(sum * x) + coefficients[i]);
    return sum;
  };

  const exp = (argument: number): number => {
    if (!single) return Math.exp(argument);
    // A NaN passes both comparisons.
    const x = argument > EXP_HIGHEST ? EXP_HIGHEST : argument < EXP_LOWEST ? EXP_LOWEST : argument;
    const n = round(round(round(x * log2e) + ROUNDER) - ROUNDER);
    const r = round(round(x - round(n * ln2High)) - round(n * ln2Low));
    const tail = round(polynomial(expTerms, r) * round(r * r));
    const power = round(round(tail + r) + 1);
    // In two halves: the first product cannot leave the normal range, so denormal results are rounded once.
    const half = n >> 1;
    return round(round(power * powerOfTwo(half)) * powerOfTwo(n - half));
  };

  const log = (x: number): number => {
    if (!single) return Math.log(x);
    // Taking the bits apart would lose these two.
    if (!(x < Infinity)) return x;
    FLOAT[0] = x;
    const bits = BITS[0];
    BITS[0] = (bits & 0x007fffff) | 0x3f800000;
    const mantissa = FLOAT[0];
    const upper = mantissa > sqrt2;
    const e = (bits >>> 23) - 127 + (upper ? 1 : 0);
    const z = round((upper ? round(mantissa * 0.5) : mantissa) - 1);
    const square = round(z * z);
    const cubic = round(round(polynomial(logTerms, z) * z) * square);
    const low = round(cubic + round(e * ln2Low));
    const rest = round(low - round(square * 0.5));
    return round(round(z + rest) + round(e * ln2High));
  };

  const log1p = (e: number): number => {
    if (!single) return Math.log1p(e);
    // What u = 1 + e lost by rounding is given back (Kahan; HP-15C manual, 1982).
    const u = round(1 + e);
    const lost = round(e - round(u - 1));
    return round(log(u) + round(lost / u));
  };

  const sigmoid = (argument: number): number => {
    if (!single) return 1 / (1 + Math.exp(-argument));
    // A NaN passes both comparisons.
    const x = argument > SIGMOID_LIMIT ? SIGMOID_LIMIT : argument < -SIGMOID_LIMIT ? -SIGMOID_LIMIT : argument;
    const m = round(round(round(x * log2e) + ROUNDER) - ROUNDER);
    const r = round(round(round(m * ln2High) - x) + round(m * ln2Low));
    const square = round(r * r);
    const low = round(polynomial(lowTerms, r) * square);
    const [q4, q3, q2] = highTerms;
    const high = round(round(round(q4 * square) + round(round(q3 * r) + q2)) * round(square * square));
    const scale = powerOfTwo(m);
    return round(scale / round(round(1 + scale) + round(round(r + low) + high)));
  };

  const tanh = (x: number): number => {
    if (!single) return Math.tanh(x);
    const size = Math.abs(x);
    if (size < TANH_SWITCH) {
      const square = round(x * x);
      const odd = round(round(polynomial(tanhTerms, square) * square) * x);
      // The sum would make 0 of −0.
      return x === 0 ? x : round(odd + x);
    }
    const far = round(1 - round(2 * sigmoid(-round(size + size))));
    return x < 0 ? -far : far;
  };

  return { exp, log, log1p, tanh, sigmoid };
}

/** 2ⁿ for integers n in [−126, 127]; 0 for −127. */
function powerOfTwo(n: number): number {
  BITS[0] = (n + 127) << 23;
  return FLOAT[0];
}
