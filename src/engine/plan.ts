// Planning: from a specification to tensors, operations, parameter count and memory, before anything is allocated.
import { planDiagnosis } from "./diagnostics.ts";
import type { DiagnosisPlan } from "./diagnostics.ts";
import { EngineError } from "./engine-error.ts";
import { fuseOperations } from "./fusion.ts";
import type { ActivationName } from "./layers/activation.ts";
import { expandLayers, planLayer } from "./layers/catalogue.ts";
import type { LayerSpec } from "./layers/catalogue.ts";
import { isTrained } from "./layers/layer.ts";
import type { Parameter, PlannedLayer, Signal } from "./layers/layer.ts";
import type { LossName } from "./losses/catalogue.ts";
import type { Layout, OperationLists } from "./memory.ts";
import type { Operation } from "./operations.ts";
import { matchOutput, planObjective, predictionOf } from "./output.ts";
import type { Objective } from "./output.ts";
import { planLayout } from "./plan-layout.ts";
import { requireInteger } from "./requirements.ts";
import { createScopes } from "./scope.ts";
import { shorterSpecs } from "./shorter-steps.ts";
import { elementCount, rowTensor } from "./tensor.ts";
import type { Precision, Tensor } from "./tensor.ts";
import { planTraining } from "./training-plan.ts";
import type { TrainingPlan, TrainingSpec } from "./training-plan.ts";

export interface NetworkSpec {
  /** Shape of one row, without the batch dimension: [4], or [28,28,1]. */
  readonly input_shape: readonly number[];
  readonly layers: readonly LayerSpec[];
}

export interface PlanOptions {
  /** The largest number of rows in one batch. */
  readonly batchCapacity: number;
  readonly precision: Precision;
  /** Needed to evaluate and to train, and to predict with a network that was trained on logits. */
  readonly loss?: LossName | undefined;
  /** Labels that a row has at most, of a loss whose targets are labels (ctc). */
  readonly labels?: number | undefined;
  /** Absent for inference and evaluation: no gradient then takes any memory. */
  readonly training?: TrainingSpec | undefined;
  /** Threads that compute each batch together, default 1. */
  readonly threads?: number | undefined;
}

/** One row of a network's summary, for each layer of the specification. */
export interface LayerSummary {
  readonly type: LayerSpec["type"];
  readonly output_shape: readonly number[];
  readonly parameters: number;
}

export interface Plan {
  readonly precision: Precision;
  readonly batchCapacity: number;
  readonly threads: number;
  /** Rows of a batch that one thread computes at most: thread i has those from i·rowsPerThread on. */
  readonly rowsPerThread: number;
  readonly layers: readonly LayerSummary[];
  readonly parameterCount: number;
  readonly layout: Layout;
  /** Every list of operations that may run on the layout. */
  readonly lists: OperationLists;
  readonly parameters: readonly Parameter[];
  /** (B, …input_shape) */
  readonly input: Tensor;
  /** The prediction, (B, …output shape). */
  readonly output: Tensor;
  readonly outputActivation: ActivationName;
  /** input → output */
  readonly predict: readonly Operation[];
  readonly objective: Objective | null;
  /** input, targets → output and one loss per row, without training noise; empty without a loss. */
  readonly evaluate: readonly Operation[];
  readonly training: TrainingPlan | null;
  /** Null where it is not asked for. */
  readonly diagnosis: DiagnosisPlan | null;
  /** The same network with fewer steps, for batches of sequences that all end early; the fewest first. */
  readonly shorter: readonly Plan[];
}

/** Plans a network. Pure; throws EngineError with code shape_mismatch, invalid_parameter or invalid_combination. */
export function planNetwork(spec: NetworkSpec, options: PlanOptions): Plan {
  const plan = planSteps(spec, options);
  // Statistics have no place that all layouts have in common.
  const fewer = plan.parameters.every(isTrained) ? shorterSpecs(spec, options) : [];
  return { ...plan, shorter: fewer.map((shorter) => ({ ...planSteps(shorter, options), shorter: [] })) };
}

/** Plans a network for just the steps that the specification has. */
function planSteps(spec: NetworkSpec, options: PlanOptions): Omit<Plan, "shorter"> {
  const { batchCapacity, precision, threads = 1 } = options;
  requireInteger("plan", "batch capacity", batchCapacity, 1);
  requireInteger("plan", "threads", threads, 1);
  const capacity = rowsPerThread(batchCapacity, threads);
  for (const extent of spec.input_shape) requireInteger("plan", "every extent of input_shape", extent, 1);

  const { body, activation, fused } = matchOutput(expandLayers(spec.layers), options.loss);
  const input = rowTensor("input", spec.input_shape, capacity);
  const summaries: LayerSummary[] = [];
  const planned: PlannedLayer[] = [];
  const scopeOf = createScopes(spec.layers.length, capacity);
  let signal: Signal = { value: input, gradient: null };
  for (const { spec: layer, index } of body) {
    const result = planLayer(layer, scopeOf(layer, index), signal);
    signal = result.output;
    planned.push(result);
    summaries[index] = summaryOf(spec.layers[index], result, summaries[index]);
  }
  // A fused last layer is not in the body, but it is in the specification.
  spec.layers.forEach((layer, index) => {
    summaries[index] ??= { type: layer.type, output_shape: signal.value.shape, parameters: 0 };
  });

  const z = signal.value;
  const output = fused === null ? z : rowTensor("prediction", z.shape, capacity);
  const { loss, labels, training: { rowWeights, mixup } = {} } = options;
  const objective = loss === undefined ? null : planObjective(loss, z, output, { rowWeights, mixup, labels });
  const inference = planned.flatMap((layer) => layer.inference ?? layer.forward);
  const predict = fuseOperations(fused === null ? inference : [...inference, predictionOf(fused, z, output)]);
  const evaluate = objective === null ? [] : fuseOperations([...inference, ...objective.definition.value(objective)]);
  const training =
    options.training === undefined
      ? null
      : planTraining(planned, signal, requireObjective(objective), options.training);

  const parameters = planned.flatMap((layer) => layer.parameters);
  const valuesOf = (some: readonly Parameter[]): Tensor[] => some.map(({ value }) => value);
  const diagnosis = options.training?.diagnostics === true ? planDiagnosis(inference) : null;
  const looked = diagnosis && { ...diagnosis, operations: fuseOperations(diagnosis.operations) };
  const lists = [predict, evaluate, training?.step ?? [], looked?.operations ?? []];
  const arena = planLayout(
    {
      common: [...valuesOf(parameters.filter(isTrained)), ...(training?.state ?? [])],
      batch: [input, output, ...(objective === null ? [] : tensorsOfObjective(objective))],
      kept: valuesOf(parameters.filter((parameter) => !isTrained(parameter))),
      lists,
    },
    precision,
    threads,
  );
  return {
    precision,
    batchCapacity,
    threads,
    rowsPerThread: capacity,
    layers: summaries,
    parameterCount: parameters.reduce((count, { value }) => count + elementCount(value), 0),
    layout: arena,
    lists,
    parameters,
    input,
    output,
    outputActivation: activation,
    predict,
    objective,
    evaluate,
    training,
    diagnosis: looked,
  };
}

/** Equal parts in whole groups of four rows, which begin with a block of four random numbers whatever the row's size. */
function rowsPerThread(batchCapacity: number, threads: number): number {
  return threads === 1 ? batchCapacity : 4 * Math.ceil(batchCapacity / threads / 4);
}

/** Dense and its activation are two planned layers but one of the specification: their figures are joined. */
function summaryOf(spec: LayerSpec, layer: PlannedLayer, earlier: LayerSummary | undefined): LayerSummary {
  const own = layer.parameters.reduce((count, { value }) => count + elementCount(value), 0);
  return {
    type: spec.type,
    output_shape: layer.output.value.shape,
    parameters: own + (earlier?.parameters ?? 0),
  };
}

/** What a batch brings to the loss and takes from it. */
function tensorsOfObjective({ t, loss, correct, weights, mixed }: Objective): Tensor[] {
  return [t, loss, correct, weights, ...Object.values(mixed ?? {})].filter((tensor) => tensor !== null);
}

function requireObjective(objective: Objective | null): Objective {
  if (objective !== null) return objective;
  throw new EngineError("invalid_combination", { op: "plan", expected: "a loss to train with", got: "none" });
}
