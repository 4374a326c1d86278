// Centre and spread of numbers: z = (x - centre) / spread, so that every input is of the order of 1 (LeCun et al., 1998).

export interface Scaling {
  /** standard: mean and population standard deviation; min_max: minimum and range; none: 0 and 1 */
  centre: number;
  /** 0 for a constant column, which then encodes as 0 */
  spread: number;
}

export type ScaleChoice = "auto" | "standard" | "min_max" | "none";

const fits: Record<Exclude<ScaleChoice, "auto">, (values: Float64Array) => Scaling> = {
  standard: (values) => {
    const { mean, deviation } = meanAndDeviation(values);
    return { centre: mean, spread: deviation };
  },
  min_max: (values) => {
    const { minimum, maximum } = extremes(values);
    return { centre: minimum, spread: maximum - minimum };
  },
  none: () => ({ centre: 0, spread: 1 }),
};

/** The scaling of `values` (no NaN among them). auto: none for values of 0 and 1 only, else standard. */
export function fitScaling(values: Float64Array, choice: ScaleChoice): Scaling {
  if (values.length === 0) return fits.none(values);
  const resolved =
    choice === "auto" ? (values.every((value) => value === 0 || value === 1) ? "none" : "standard") : choice;
  return fits[resolved](values);
}

export function scaled(value: number, { centre, spread }: Scaling): number {
  return spread === 0 ? 0 : (value - centre) / spread;
}

export function unscaled(value: number, { centre, spread }: Scaling): number {
  return value * spread + centre;
}

/** Mean of `values`; 0 when there are none. Divides before it adds: 1e308 does not overflow. */
export function meanOf(values: Float64Array): number {
  return meanAndDeviation(values).mean;
}

/** The middle value, the mean of the two middle ones for an even count; 0 when there are none. */
export function medianOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1] / 2 + sorted[middle] / 2;
}

export function extremes(values: Float64Array): { minimum: number; maximum: number } {
  let minimum = Infinity;
  let maximum = -Infinity;
  // By index: an iterator takes five times as long, and this is every number of a dataset.
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return { minimum, maximum };
}

/** Two passes over x / max|x|: exact where one pass cancels, and no square overflows. */
function meanAndDeviation(values: Float64Array): { mean: number; deviation: number } {
  const { minimum, maximum } = extremes(values);
  const largest = Math.max(-minimum, maximum);
  if (values.length === 0 || largest === 0) return { mean: 0, deviation: 0 };
  if (minimum === maximum) return { mean: minimum, deviation: 0 }; // rounding must not make a spread
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] / largest;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const distance = values[i] / largest - mean;
    squares += distance * distance;
  }
  return { mean: mean * largest, deviation: Math.sqrt(squares / values.length) * largest };
}
