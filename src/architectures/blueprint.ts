// From a resolved request to the network it means: the same layers at submit, in training and after a restart.
import type { Architecture } from "../contract/architecture.ts";
import type { Hyperparameters, Optimizer } from "../contract/hyperparameters.ts";
import { EngineError } from "../engine/engine-error.ts";
import type { LossName } from "../engine/losses/catalogue.ts";
import { checkInitialParameters, type LayerParameters } from "../engine/parameters.ts";
import { type NetworkSpec, type Plan, planNetwork, type PlanOptions } from "../engine/plan.ts";
import type { TrainingSpec } from "../engine/training-plan.ts";
import type { Task, TrainingRule } from "./architecture.ts";
import { architectureOf } from "./catalogue.ts";
import { chooseHead, type Head } from "./head.ts";

export interface NetworkBlueprint {
  network: NetworkSpec;
  head: Head;
  initialParameters: readonly LayerParameters[] | undefined;
  rule: TrainingRule | undefined;
}

/** The head of a resolved architecture and loss. */
export function headOf(
  architecture: Architecture,
  hyperparameters: Hyperparameters,
  task: Pick<Task, "kind" | "outputs" | "steps">,
): Head {
  const fixedUnits = architectureOf(architecture.type).fixedOutputs?.(architecture)?.units;
  const head = chooseHead(task.kind, task.outputs, hyperparameters.loss as LossName, fixedUnits);
  return task.steps === undefined ? head : { ...head, steps: task.steps };
}

/**
 * @param inputShape of the features of one row
 * @param tokens different token numbers that a row may have, when it is a sequence of tokens
 */
export function blueprintOf(
  architecture: Architecture,
  head: Head,
  inputShape: readonly number[],
  tokens?: number,
): NetworkBlueprint {
  const definition = architectureOf(architecture.type);
  const given = "initial_parameters" in architecture ? architecture.initial_parameters : undefined;
  const built = definition.build(architecture, inputShape, head, tokens);
  const { layers, initialParameters = given, inputShape: input_shape = inputShape } = built;
  return { network: { input_shape, layers }, head, initialParameters, rule: definition.rule };
}

/**
 * The engine's plan of a resolved job: how much it computes and needs, and whether its layers fit, before anything is
 * allocated. Where the network of `other`, the same job on other rows, has another extent, that of initial parameters may be
 * any. @throws EngineError when layers, loss or initial parameters do not fit together
 */
export function planBlueprint(
  blueprint: NetworkBlueprint,
  hyperparameters: Hyperparameters,
  other?: NetworkBlueprint,
): Plan {
  const options = planOptions(blueprint, hyperparameters);
  const plan = planNetwork(blueprint.network, options);
  if (blueprint.initialParameters !== undefined) {
    checkInitialParameters(plan, blueprint.initialParameters, other && planLayers(other, options));
  }
  return plan;
}

/** The layers alone; nothing where they cannot be planned for other rows, which must then be just these. */
function planLayers({ network }: NetworkBlueprint, { batchCapacity, precision }: PlanOptions): Plan | undefined {
  try {
    return planNetwork(network, { batchCapacity, precision });
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** What the engine's planner wants to know of resolved hyperparameters. */
export function planOptions({ rule, head }: NetworkBlueprint, hyperparameters: Hyperparameters): PlanOptions {
  const { batch_size, precision, loss, optimizer, threads } = hyperparameters;
  if (optimizer === undefined || batch_size === "auto" || loss === "auto" || threads === "auto")
    throw new Error("hyperparameters are not resolved");
  return {
    batchCapacity: batch_size,
    precision,
    loss,
    labels: head.steps,
    training: rule?.trained === false ? undefined : trainingSpec(optimizer, hyperparameters),
    threads,
  };
}

function trainingSpec(optimizer: Optimizer, hyperparameters: Hyperparameters): TrainingSpec {
  const { gradient_clip, label_smoothing, class_weight, mixup, weight_average, diagnostics } = hyperparameters;
  return {
    optimizer,
    gradientClip: gradient_clip,
    labelSmoothing: label_smoothing,
    rowWeights: class_weight !== undefined,
    mixup: mixup !== undefined,
    weightAverage: weight_average,
    diagnostics,
  };
}
