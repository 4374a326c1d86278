// Recurrent layers on top of each other, each with dropout on what it reads, and the state of all of them.
import type { Operation } from "../operations.ts";
import { planGru } from "./gru.ts";
import type { Parameter, PlannedLayer, Scope, Signal } from "./layer.ts";
import { planLstm } from "./lstm.ts";
import type { PlannedRecurrence, StatefulInput } from "./recurrent.ts";

export const CELLS = { gru: planGru, lstm: planLstm } satisfies Record<
  string,
  (input: StatefulInput) => PlannedRecurrence
>;
export type CellName = keyof typeof CELLS;

export interface StackSpec {
  readonly cell: CellName;
  readonly layers: number;
  readonly units: number;
  readonly dropout: number;
}

/** The state of each layer, from the lowest on. */
export type StackState = readonly (readonly Signal[])[];

export interface StackInput extends Omit<StatefulInput, "units" | "initial"> {
  /** The state before the first step; zero when null. */
  readonly initial: StackState | null;
}

export interface PlannedStack extends Omit<PlannedLayer, "output"> {
  /** The states of the uppermost layer after each step, (B,T,H); null where they are not wanted. */
  readonly y: Signal | null;
  /** Gradients as in `PlannedRecurrence`. */
  readonly last: StackState;
  readonly inference: readonly Operation[];
}

/** Plans the layers of a stack over x (B,T,in); their parameters are called `weights`, … after the prefix and, from the second
 * layer on, its number. */
export function planStack(spec: StackSpec, { scope, prefix = "", x, sequence, initial }: StackInput): PlannedStack {
  const last: (readonly Signal[])[] = [];
  const parameters: Parameter[] = [];
  const [forward, inference]: [Operation[], Operation[]] = [[], []];
  const backward: Operation[] = [];
  let input: Signal | null = x;
  for (let layer = 0; layer < spec.layers; layer++) {
    const name = layer === 0 ? prefix : `${prefix}${layer + 1}_`;
    const dropped = planDropout(scope, `${name}dropout`, spec.dropout, input!);
    const planned: PlannedRecurrence = CELLS[spec.cell]({
      scope,
      prefix: name,
      x: dropped.output,
      units: spec.units,
      sequence: sequence || layer < spec.layers - 1,
      initial: initial?.[layer] ?? null,
    });
    last.push(planned.last);
    parameters.push(...planned.parameters);
    forward.push(...dropped.forward, ...planned.forward);
    inference.push(...dropped.inference!, ...planned.forward);
    backward.unshift(...planned.backward, ...dropped.backward);
    input = planned.y;
  }
  return { y: input, last, parameters, forward, inference, backward };
}

/** Dropout with a random stream of its own, or nothing where the rate is 0. */
function planDropout(scope: Scope, name: string, rate: number, x: Signal): PlannedLayer {
  return scope.sequence(name, rate === 0 ? [] : [{ type: "dropout", rate }], x);
}
