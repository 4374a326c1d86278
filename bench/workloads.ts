// The workloads of the benchmark, as the peers' scripts define them: same shapes, sizes and hyperparameters.
import { DENSE_WORKLOADS } from "./dense-workloads.ts";
import { IMAGE_WORKLOADS } from "./image-workloads.ts";
import { PRODUCT_WORKLOADS } from "./product-workloads.ts";
import { SEQUENCE_WORKLOADS } from "./sequence-workloads.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  ...DENSE_WORKLOADS,
  ...IMAGE_WORKLOADS,
  ...SEQUENCE_WORKLOADS,
  ...PRODUCT_WORKLOADS,
};

/** The speed-up asked for over a peer, and over its variants: "torch" stands for torch-foreach too. */
export const BARS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  W1: { "brain.js": 8, torch: 1_000 },
  W2: { numpy: 20, "brain.js": 20 },
  W3: { numpy: 1.2, torch: 1.5 },
  W4: { torch: 1.1 },
  W5: { torch: 1.3 },
  W6: { torch: 1.1 },
  W7: { torch: 1.3 },
  W8: { "torch-gru": 1.2 },
  "W9-predict1": { numpy: 2 },
  "W9-predict1024": { numpy: 1.2 },
};

/** The workloads of these names. A name stands for all that begin with it: W9 for both of its sizes. */
export function chosenWorkloads(names: readonly string[]): string[] {
  const known = Object.keys(WORKLOADS);
  const chosen = known.filter((name) => names.some((wanted) => name === wanted || name.startsWith(`${wanted}-`)));
  if (chosen.length === 0) throw new Error(`no workload ${names.join(", ")}; known: ${known.join(", ")}`);
  return chosen;
}
