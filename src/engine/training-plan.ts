// The training step as one list of operations:
// clear gradients → forward → loss → its gradient → backward in reverse order → clip → update → average.
import { EngineError } from "./engine-error.ts";
import { fuseOperations } from "./fusion.ts";
import { isTrained } from "./layers/layer.ts";
import type { Parameter, PlannedLayer, Signal, TrainedParameter } from "./layers/layer.ts";
import type { Operation } from "./operations.ts";
import { OPTIMIZERS } from "./optimizers/catalogue.ts";
import type { OptimizerSpec } from "./optimizers/catalogue.ts";
import type { OptimizerDefinition } from "./optimizers/optimizer.ts";
import type { Objective } from "./output.ts";
import { requireEntry, requireWithin } from "./requirements.ts";
import { fixedTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";
import { planAverage } from "./weight-average.ts";
import type { WeightAverage } from "./weight-average.ts";

/** Pascanu, Mikolov & Bengio, 2013: the norm over all gradients together, or the value of each element. */
export type GradientClip = { readonly norm: number } | { readonly value: number };

/** How a network is trained, as far as its operations depend on it. */
export interface TrainingSpec {
  readonly optimizer: OptimizerSpec;
  readonly gradientClip?: GradientClip | undefined;
  /** ε in [0, 1): the targets of a training become (1 − ε)·target + ε/classes; evaluation keeps them as they are. */
  readonly labelSmoothing?: number | undefined;
  /** Each training row has a weight in its data, by which its loss and gradient are multiplied. */
  readonly rowWeights?: boolean | undefined;
  /** Training rows are mixed with others (mixup.ts). */
  readonly mixup?: boolean | undefined;
  readonly weightAverage?: WeightAverage | undefined;
  /** Epochs are reported with what diagnostics.ts has to say. */
  readonly diagnostics?: boolean | undefined;
}

export interface TrainingPlan {
  /** What the optimizer updates: the network's parameters without its statistics. */
  readonly parameters: readonly TrainedParameter[];
  /** input, targets → output, one loss per row, the gradient of every parameter. */
  readonly differentiate: readonly Operation[];
  /** Of all gradients at once: their norm and their clipping, where they are asked for. */
  readonly clip: readonly Operation[];
  /** The optimizer's update of each parameter, and then of its average. */
  readonly update: readonly (readonly Operation[])[];
  /** Averages of the statistics. */
  readonly averageStatistics: readonly Operation[];
  /** `differentiate`, `clip`, `update`, `averageStatistics`: one training step. */
  readonly step: readonly Operation[];
  /** The optimizer's memory, zero at the start, averages included. */
  readonly state: readonly Tensor[];
  /** The norm of all gradients of the last step, before clipping; null where it is not asked for. (1) */
  readonly gradientNorm: Tensor | null;
  /** Of all parameters of the network, statistics among them; null where none is kept. */
  readonly averages: readonly Tensor[] | null;
}

export function planTraining(
  layers: readonly PlannedLayer[],
  last: Signal,
  objective: Objective,
  options: TrainingSpec,
): TrainingPlan {
  const all = layers.flatMap((layer) => layer.parameters);
  const parameters = all.filter(isTrained);
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
    ...adjustments(objective, last.gradient, options),
    ...layers.toReversed().flatMap((layer) => layer.backward),
  ]);

  const state: Tensor[] = [];
  const optimizer = requireEntry("optimizer", OPTIMIZERS, options.optimizer.type) as OptimizerDefinition<OptimizerSpec>;
  const average = options.weightAverage === undefined ? null : planAverage(options.weightAverage, all);
  const averagesOf = (some: readonly Parameter[]): readonly Operation[] =>
    average?.operations.filter((_, index) => some.includes(all[index])) ?? [];
  const update = parameters.map((parameter) => {
    const { value, gradient } = parameter;
    const updated = optimizer.plan(options.optimizer, value, gradient, (name) => {
      const tensor = fixedTensor(`${value.name}.${name}`, value.shape);
      state.push(tensor);
      return tensor;
    });
    return [updated, ...averagesOf([parameter])];
  });
  const gradientNorm = options.diagnostics === true ? fixedTensor("gradient norm", [1]) : null;
  const clip = [...measuring(gradients, gradientNorm), ...clipping(options.gradientClip, gradients)];
  const averageStatistics = averagesOf(all.filter((parameter) => !isTrained(parameter)));
  return {
    parameters,
    differentiate,
    clip,
    update,
    averageStatistics,
    step: [...differentiate, ...clip, ...update.flat(), ...averageStatistics],
    // The norm as well: an epoch may be reported after a resume behind its last step.
    state: [...state, ...(average?.averages ?? []), ...(gradientNorm === null ? [] : [gradientNorm])],
    gradientNorm,
    averages: average?.averages ?? null,
  };
}

function valueAndGradient(objective: Objective, dz: Tensor): readonly Operation[] {
  const { definition, correct } = objective;
  if (correct !== null && definition.both !== undefined) return definition.both({ ...objective, correct }, dz);
  return [...definition.value(objective), ...definition.gradient(objective, dz)];
}

/** What a training makes of the loss and its gradient before they go back. */
function adjustments(objective: Objective, dz: Tensor, { labelSmoothing = 0 }: TrainingSpec): Operation[] {
  const { definition, weights, mixed, loss } = objective;
  requireWithin("label_smoothing", "the amount", labelSmoothing, 0, 1);
  if (labelSmoothing > 0 && definition.smooth === undefined) {
    throw new EngineError("invalid_combination", {
      op: "label_smoothing",
      expected: "cross_entropy or binary_cross_entropy",
      got: objective.name,
    });
  }
  return [
    ...(mixed === null ? [] : [definition.mix!(objective, dz, mixed, 1 - labelSmoothing)]),
    ...(labelSmoothing === 0 ? [] : [definition.smooth!(objective, dz, labelSmoothing)]),
    ...(weights === null ? [] : [{ kind: "weight_rows", weights, loss, dz } as const]),
  ];
}

function measuring(gradients: readonly Tensor[], norm: Tensor | null): Operation[] {
  return norm === null ? [] : [{ kind: "gradient_norm", gradients, norm }];
}

function clipping(clip: GradientClip | undefined, gradients: readonly Tensor[]): Operation[] {
  if (clip === undefined) return [];
  const maximum = "norm" in clip ? clip.norm : clip.value;
  requireWithin("gradient_clip", "the limit", maximum, Number.MIN_VALUE);
  return [{ kind: "norm" in clip ? "clip_norm" : "clip_value", gradients, maximum }];
}
