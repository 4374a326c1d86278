// Ranks: where a value stands among the training values, from 0 to 1, or as the normal deviate of that share.
// As QuantileTransformer of scikit-learn does it: linear between quantiles, equal values at the middle of their ranks.

const mostQuantiles = 256;
/** A rank of 0 or 1 would be infinitely far out: so close to it is as far as a normal deviate goes, ±5.2. */
const furthest = 1e-7;

/** Quantiles of `values` (no NaN among them), ascending; none when there is no value. */
export function fitQuantiles(values: Float64Array): number[] {
  if (values.length === 0) return [];
  const sorted = values.toSorted();
  const count = Math.min(mostQuantiles, sorted.length);
  return Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : (i * (sorted.length - 1)) / (count - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  });
}

/** Share of the training values below `value`, 0 to 1; 0 when there are none. */
export function rankOf(value: number, quantiles: readonly number[]): number {
  if (quantiles.length < 2) return 0;
  const last = quantiles.length - 1;
  if (value <= quantiles[0] && value < quantiles[last]) return 0;
  if (value >= quantiles[last] && value > quantiles[0]) return 1;
  const first = place(quantiles, (quantile) => quantile < value);
  const beyond = place(quantiles, (quantile) => quantile <= value);
  if (beyond > first) return (first + beyond - 1) / 2 / last; // equal quantiles: the middle of their ranks
  const [below, above] = [quantiles[first - 1], quantiles[first]];
  return (first - 1 + (value - below) / (above - below)) / last;
}

/** How many leading elements satisfy `holds`, by bisection. */
function place(sorted: readonly number[], holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The normal deviate below which this share of a normal population lies (Wichura, 1988, AS 241, to 1e-15). */
export function normalDeviate(share: number): number {
  const p = Math.min(1 - furthest, Math.max(furthest, share));
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centreTop, r)) / polynomial(centreBottom, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p)) - 1.6;
  const deviate = polynomial(tailTop, r) / polynomial(tailBottom, r);
  return q < 0 ? -deviate : deviate;
}

/** Σ coefficients[i] · xⁱ (Horner). */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

const centreTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const centreBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
];
const tailTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const tailBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
