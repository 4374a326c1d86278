// The training step as one list of operations:
// clear gradients → forward → loss → its gradient → backward in reverse order → clip → update.
import { EngineError } from "./engine-error.ts";
import { fuseOperations } from "./fusion.ts";
import { isTrained } from "./layers/layer.ts";
import type { PlannedLayer, Signal, TrainedParameter } from "./layers/layer.ts";
import type { Operation } from "./operations.ts";
import { OPTIMIZERS } from "./optimizers/catalogue.ts";
import type { OptimizerSpec } from "./optimizers/catalogue.ts";
import type { OptimizerDefinition } from "./optimizers/optimizer.ts";
import type { Objective } from "./output.ts";
import { requireEntry, requireWithin } from "./requirements.ts";
import { fixedTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

/** Pascanu, Mikolov & Bengio, 2013: the norm over all gradients together, or the value of each element. */
export type GradientClip = { readonly norm: number } | { readonly value: number };

export interface TrainingPlan {
  /** What the optimizer updates: the network's parameters without its statistics. */
  readonly parameters: readonly TrainedParameter[];
  /** input, targets → output, one loss per row, the gradient of every parameter. */
  readonly differentiate: readonly Operation[];
  /** Clipping of all gradients, where it is asked for. */
  readonly clip: readonly Operation[];
  /** The optimizer's update of each parameter, one operation for each. */
  readonly update: readonly Operation[];
  /** `differentiate`, `clip`, `update`: one training step. */
  readonly step: readonly Operation[];
  /** The optimizer's memory, zero at the start. */
  readonly state: readonly Tensor[];
}

export function planTraining(
  layers: readonly PlannedLayer[],
  last: Signal,
  objective: Objective,
  options: { readonly optimizer: OptimizerSpec; readonly gradientClip?: GradientClip | undefined },
): TrainingPlan {
  const parameters = layers.flatMap((layer) => layer.parameters).filter(isTrained);
  if (last.gradient === null || parameters.length === 0) {
    throw new EngineError("invalid_combination", {
      op: "training",
      expected: "at least one layer with parameters",
      got: "none",
      hint: "Add a dense layer.",
    });
  }
  const gradients = parameters.map(({ gradient }) => gradient);
  const differentiate = fuseOperations([
    { kind: "clear", tensors: gradients },
    ...layers.flatMap((layer) => layer.forward),
    ...valueAndGradient(objective, last.gradient),
    ...layers.toReversed().flatMap((layer) => layer.backward),
  ]);

  const state: Tensor[] = [];
  const optimizer = requireEntry("optimizer", OPTIMIZERS, options.optimizer.type) as OptimizerDefinition<OptimizerSpec>;
  const update = parameters.map(({ value, gradient }) =>
    optimizer.plan(options.optimizer, value, gradient, (name) => {
      const tensor = fixedTensor(`${value.name}.${name}`, value.shape);
      state.push(tensor);
      return tensor;
    }),
  );
  const clip = clipping(options.gradientClip, gradients);
  return { parameters, differentiate, clip, update, step: [...differentiate, ...clip, ...update], state };
}

function valueAndGradient(objective: Objective, dz: Tensor): readonly Operation[] {
  const { definition, correct } = objective;
  if (correct !== null && definition.both !== undefined) return definition.both({ ...objective, correct }, dz);
  return [...definition.value(objective), ...definition.gradient(objective, dz)];
}

function clipping(clip: GradientClip | undefined, gradients: readonly Tensor[]): Operation[] {
  if (clip === undefined) return [];
  const maximum = "norm" in clip ? clip.norm : clip.value;
  requireWithin("gradient_clip", "the limit", maximum, Number.MIN_VALUE);
  return [{ kind: "norm" in clip ? "clip_norm" : "clip_value", gradients, maximum }];
}
