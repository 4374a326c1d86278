// Central differences in float64: (L(θ+h) − L(θ−h)) / 2h for every parameter θ. The error of the difference is
// O(h²) + O(ε/h) ≈ 1e-10.
import type { Network } from "../../src/engine/network.ts";

const H = 1e-5;
export const TOLERANCE = 1e-7;

function lossOf(network: Network, rows: number): number {
  network.differentiate(rows);
  const sum = Array.from(network.losses.subarray(0, rows)).reduce((total, loss) => total + loss, 0);
  return network.plan.objective!.definition.reduction === "mean" ? sum / rows : sum;
}

/** The largest |analytic − numeric| / max(1, |numeric|) over all parameters. */
export function worstError(network: Network, rows: number): number {
  network.differentiate(rows);
  const analytic = network.plan.training!.parameters.map(({ gradient }) => network.memory.view(gradient).slice());
  let worst = 0;
  network.plan.training!.parameters.forEach(({ value }, index) => {
    const theta = network.memory.view(value);
    for (let i = 0; i < theta.length; i++) {
      const original = theta[i];
      theta[i] = original + H;
      const above = lossOf(network, rows);
      theta[i] = original - H;
      const below = lossOf(network, rows);
      theta[i] = original;
      const numeric = (above - below) / (2 * H);
      worst = Math.max(worst, Math.abs(analytic[index][i] - numeric) / Math.max(1, Math.abs(numeric)));
    }
  });
  return worst;
}
