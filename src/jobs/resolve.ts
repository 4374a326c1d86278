// A request and its dataset → what will really run: every default and "auto" filled in, every fault found, the network planned.
import { architectureOf } from "../architectures/catalogue.ts";
import type { Task } from "../architectures/architecture.ts";
import { blueprintOf, planBlueprint } from "../architectures/blueprint.ts";
import type { Head } from "../architectures/head.ts";
import type { Architecture } from "../contract/architecture.ts";
import type { ColumnSchema } from "../contract/dataset.ts";
import type { JobRequest, ResolvedJobRequest } from "../contract/job.ts";
import { tagFaults } from "../datasets/features/tag-faults.ts";
import type { Selection } from "../datasets/features/select-features.ts";
import type { SplitSizes } from "../datasets/splits.ts";
import { decoderBytes, planDecoding } from "../engine/decoding/decoding-plan.ts";
import { EngineError } from "../engine/engine-error.ts";
import { sizingKernels } from "../engine/kernels/tiers.ts";
import { networkBytes } from "../engine/network.ts";
import type { Plan } from "../engine/plan.ts";
import { BYTES_PER_ELEMENT } from "../engine/tensor.ts";
import { stateBytes } from "../engine/training-state.ts";
import { epochBytes } from "../engine/whole-epochs.ts";
import { DomainError, type Fault } from "../errors.ts";
import { resolveHead } from "./resolve-head.ts";
import { classWeightFaults, resolveHyperparameters } from "./resolve-hyperparameters.ts";
import { type Machine, resolveThreads } from "./resolve-threads.ts";
import { resolveArchitecture, selectInputs, targetOf, taskFaults, tokensOfTarget } from "./resolve-inputs.ts";
import { resolveSplit } from "./resolve-split.ts";
import { windowSizes } from "./resolve-window.ts";

export interface ResolvedJob {
  request: ResolvedJobRequest;
  warnings: Fault[];
  sizes: SplitSizes;
  steps: number;
  plan: Plan;
  memory: JobMemory;
}

/** Bytes that the job will allocate. */
export interface JobMemory {
  /** Parameters, optimizer state, gradients, activations, and what the kernels need beside them. */
  network: number;
  /** Copies of weights and optimizer state: the last good ones, and those of a checkpoint in the making. */
  state: number;
  /** The encoded rows. */
  data: number;
  /** What kernels of this precision can give a network, however much memory there is. */
  mostNetwork: number;
}

/** What is known of the data before it is read. */
export interface DatasetFacts {
  name: string;
  rows: number;
  columns: readonly ColumnSchema[];
  /** How the request named it: what the resolved request says in its place. */
  named: { id: string } | { builtin: string };
  /** What a job predicts that names no target; only built-in datasets have one. */
  target?: string;
}

/** @throws DomainError `invalid_request` with every fault */
export function resolveJob(given: JobRequest, dataset: DatasetFacts, machine: Machine): ResolvedJob {
  const { asked, notes } = resolveArchitecture(given, dataset);
  const request = { ...given, architecture: asked };
  const definition = architectureOf(asked.type);
  const target = targetOf(request, dataset);
  const { window } = request.dataset;
  const selection = selectInputs(request, dataset, definition.defaults?.features);
  const faults: Fault[] = [...selection.faults, ...taskFaults(request), ...tagFaults(selection)];
  const warnings: Fault[] = [...notes, ...selection.warnings];
  // Without inputs and a target there is nothing that could be checked further.
  if (faults.length > 0) throw refuse(faults);

  const labelledRows = countLabelled(dataset, selection.targets);
  const trained = definition.rule?.trained !== false;
  const found = { faults, warnings };
  const { split, sizes: rowSizes } = resolveSplit(
    { ...request.dataset, target },
    dataset.columns,
    window === undefined ? labelledRows : dataset.rows,
    trained,
    found,
  );
  const sizes = window === undefined ? rowSizes : windowSizes(window, split, rowSizes, faults);
  const task: Task = {
    kind: selection.task,
    inputShape: selection.inputShape,
    outputs: selection.outputs,
    steps: tokensOfTarget(request)?.max_length,
    tokens: selection.tokens,
    largestIndex: selection.largestIndex,
    binaryInputs: selection.binaryInputs,
  };
  faults.push(...(definition.check?.(request.architecture, task) ?? []));
  const head = resolveHead(request, task, faults);
  const forOne = resolveHyperparameters(request, { head, task }, definition, sizes, found);
  faults.push(...classWeightFaults(request.hyperparameters, dataset.columns, selection.targets));
  if (faults.length > 0) throw refuse(faults);

  const architecture = definition.resolve?.(request.architecture, head, task) ?? request.architecture;
  const blueprint = blueprintOf(architecture, head, task.inputShape, task.tokens);
  const planForOne = planOrRefuse(architecture.type, () => {
    // The same network if the rows held a category, a token or a label more than the schema lets expect.
    const other = blueprintOf(architecture, ...withMore(selection, head));
    return planBlueprint(blueprint, forOne, other);
  });
  faults.push(...stepFaults(task, planForOne));
  if (faults.length > 0) throw refuse(faults);
  const threads = resolveThreads(request.hyperparameters.threads, planForOne, machine, warnings);
  const hyperparameters = { ...forOne, threads };
  const plan =
    threads === 1 ? planForOne : planBlueprint({ ...blueprint, initialParameters: undefined }, hyperparameters);
  const name = request.name ?? `${dataset.name} ${request.architecture.type}`.slice(0, 128);
  const resolved: ResolvedJobRequest = {
    ...request,
    name,
    architecture,
    dataset: {
      ...dataset.named,
      target: task.kind === "reconstruction" ? undefined : target,
      task: task.kind,
      target_tokens: tokensOfTarget(request),
      label_separator: request.dataset.label_separator,
      features: selection.specs,
      window,
      split,
    },
    hyperparameters,
    model: { ...request.model, name: request.model?.name ?? modelNameFrom(request.name ?? dataset.name) },
  };
  const rowElements = plan.input.rowSize + (plan.objective?.t.rowSize ?? head.units);
  const { precision, shuffle } = hyperparameters;
  const kernels = sizingKernels(precision);
  const batchSize = hyperparameters.batch_size as number;
  const memory: JobMemory = {
    network:
      networkBytes(plan, kernels) +
      epochBytes(plan, kernels, { rows: sizes.train, batchSize, shuffle }) +
      // At the end the network that writes stands beside the one that was trained.
      (head.loss !== "ctc" && task.kind === "sequence"
        ? decoderBytes(planDecoding(blueprint.network, { precision }), kernels)
        : 0),
    mostNetwork: kernels.mostBytes,
    state: stateBytes(plan, hyperparameters.early_stopping?.restore_best),
    data: dataset.rows * rowElements * BYTES_PER_ELEMENT[precision],
  };
  const steps = trained ? hyperparameters.epochs * Math.ceil(sizes.train / batchSize) : 0;
  return { request: resolved, warnings, sizes, steps, plan, memory };
}

/** Rows with a value for every target, as far as the schema tells: exact for one target. */
function countLabelled(dataset: DatasetFacts, targets: readonly string[]): number {
  const missing = dataset.columns
    .filter(({ name }) => targets.includes(name))
    .map(({ statistics }) => statistics.missing);
  return dataset.rows - Math.max(0, ...missing);
}

function refuse(faults: Fault[]): DomainError {
  const message = faults.length === 1 ? faults[0].detail : `${faults.length} things are wrong with this request.`;
  return new DomainError("invalid_request", message, { faults });
}

/** A label for each token needs an answer for each. */
function stepFaults({ kind, inputShape: [tokens] }: Task, { output }: Plan): Fault[] {
  const answers = output.shape.length === 2 ? output.shape[0] : 1;
  if (kind !== "tagging" || answers === tokens) return [];
  return [
    {
      pointer: "/architecture/layers",
      code: "shape_mismatch",
      detail: `The network gives ${answers === 1 ? "one answer" : `${answers} answers`} for ${tokens} tokens.`,
      hint: 'Keep the steps: "return_sequences": true, no pooling, and convolutions with "padding": "same".',
    },
  ];
}

/** Head, shape of a row and number of tokens, each with one more where only the rows tell how many there are. */
function withMore(
  { exactInputs, exactOutputs, inputShape, tokens }: Selection,
  head: Head,
): [Head, readonly number[], number | undefined] {
  const shape = exactInputs ? inputShape : [...inputShape.slice(0, -1), inputShape.at(-1)! + 1];
  const units = exactOutputs ? head.units : head.units + 1;
  return [{ ...head, units }, shape, tokens === undefined ? undefined : tokens + 1];
}

/** @param type only of a sequential architecture the request has the layers that a fault can point to */
function planOrRefuse(type: Architecture["type"], plan: () => Plan): Plan {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const { layer, op, expected, got, hint } = error.details;
    const index = type === "sequential" ? /layer (\d+)/.exec(layer ?? "")?.[1] : undefined;
    const pointer = op.startsWith("initial_parameters")
      ? "/architecture/initial_parameters"
      : index === undefined
        ? "/architecture"
        : `/architecture/layers/${index}`;
    const detail = `${layer === undefined ? op : `${layer}, ${op}`}: expected ${expected}, got ${got}.`;
    throw refuse([{ pointer, code: error.code, detail, ...(hint === undefined ? {} : { hint }) }]);
  }
}

/** "Iris data" → "Iris-data": a model's name stands in addresses. */
function modelNameFrom(name: string): string {
  return name.replaceAll(" ", "-");
}
