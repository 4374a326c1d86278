// Batches whose sequences all end early: they are trained on by the same network planned for fewer steps. Its parameters and
// optimizer state are the same memory, as every layout begins with them (plan-layout.ts). What is left out has no loss and
// no gradient, so without dropout not a bit differs; with it the masks do, which depend on the batch's shape.
import type { LayerSpec } from "./layers/catalogue.ts";
import type { Network } from "./network.ts";
import type { NetworkSpec, Plan, PlanOptions } from "./plan.ts";
import type { Elements } from "./tensor.ts";

/** Steps are planned in so many parts of the whole, from the second one on. */
const PARTS = 8;
/** Below so many steps a part of them is not worth a plan of its own. */
const LEAST = 16;

/** Layers in which no step depends on another, so none on one that is left out. */
const STEPWISE: ReadonlySet<string> = new Set<LayerSpec["type"]>(["dense", "activation", "dropout", "layer_norm"]);

/** The network with fewer steps to write, the fewest first; none where one plan must do. */
export function shorterSpecs({ input_shape, layers }: NetworkSpec, { training }: PlanOptions): NetworkSpec[] {
  const [first, ...others] = layers;
  // Diagnostics are read where the whole plan leaves them.
  if (training === undefined || training.diagnostics === true) return [];
  // Rows of sequences have no weights: a shorter plan would look for them in another place.
  if (training.rowWeights === true) return [];
  if (first?.type !== "encoder_decoder" || !others.every(({ type }) => STEPWISE.has(type))) return [];
  const steps = input_shape[0] - first.source_length;
  if (steps < LEAST) return [];
  const some = Array.from({ length: PARTS - 2 }, (_, part) => Math.ceil((steps * (part + 2)) / PARTS));
  return some.map((fewer) => ({ layers, input_shape: [first.source_length + fewer] }));
}

/** Steps of each row up to the last one that counts. targets (rows,steps) */
export function lengthsOf(targets: Elements, rows: number, steps: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => lengthOf(targets, row, steps));
}

function lengthOf(targets: Elements, row: number, steps: number): number {
  let length = steps;
  while (length > 0 && targets[row * steps + length - 1] < 0) length--;
  return length;
}

function longestOf(targets: Elements, rows: number, steps: number): number {
  let longest = 0;
  for (let row = 0; row < rows; row++) longest = Math.max(longest, lengthOf(targets, row, steps));
  return longest;
}

/** The network, whose training steps take the shortest plan that a batch fits into. `make` gives the network of such a plan on
 * the same memory, or null where that has no room for it. */
export function withFewerSteps(network: Network, make: (plan: Plan, number: number) => Network | null): Network {
  const { plan, inputs, targets, losses, correct, step } = network;
  const [width, steps] = [plan.input.rowSize, plan.objective!.t.rowSize];
  const made = new Map<Plan, Network | null>();
  const networkOf = (shorter: Plan): Network | null => {
    if (!made.has(shorter)) made.set(shorter, make(shorter, 1 + plan.shorter.indexOf(shorter)));
    return made.get(shorter)!;
  };
  return {
    ...network,
    trainStep(rows) {
      const longest = longestOf(targets, rows, steps);
      const fitting = plan.shorter.find(({ objective }) => objective!.t.rowSize >= longest);
      const shorter = fitting === undefined ? null : networkOf(fitting);
      if (shorter === null) return network.trainStep(rows);
      // Both networks' inputs are at the same place, and all else of the shorter one lies before that of this one: what is
      // written first is never what is read afterwards.
      copyBeginnings(inputs, width, shorter.inputs, shorter.plan.input.rowSize, rows);
      copyBeginnings(targets, steps, shorter.targets, shorter.plan.objective!.t.rowSize, rows);
      Object.assign(shorter.step, step);
      shorter.trainStep(rows);
      // On the way back what comes last goes first: the losses may belong where the shorter network's `correct` is.
      for (let row = 0; row < rows; row++) correct[row] = shorter.correct[row];
      for (let row = 0; row < rows; row++) losses[row] = shorter.losses[row];
    },
  };
}

/** The first `toWidth` of the `fromWidth` numbers of each row, in ascending order. */
function copyBeginnings(from: Elements, fromWidth: number, to: Elements, toWidth: number, rows: number): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < toWidth; i++) to[row * toWidth + i] = from[row * fromWidth + i];
  }
}
