// The sum along a row, Σ_i x_i: sixteen interleaved sums of the whole sixteens, added as a tree, then the rest over
// ascending i. Vectors can keep this order, and its error grows with n/16 instead of n.
import type { Elements } from "../../tensor.ts";
import type { Round } from "./family.ts";

const LANES = 16;
const LANE_SUMS = new Float64Array(LANES);

/** Gives the function that sums `width` numbers from place `start` on. */
export function rowSums(round: Round): (x: Elements, start: number, width: number) => number {
  return (x, start, width) => {
    const whole = width - (width % LANES);
    const sums = LANE_SUMS.fill(0);
    for (let i = 0; i < whole; i++) sums[i % LANES] = round(sums[i % LANES] + x[start + i]);
    for (let half = LANES / 2; half >= 1; half /= 2) {
      for (let i = 0; i < half; i++) sums[i] = round(sums[i] + sums[i + half]);
    }
    let sum = sums[0];
    for (let i = whole; i < width; i++) sum = round(sum + x[start + i]);
    return sum;
  };
}
