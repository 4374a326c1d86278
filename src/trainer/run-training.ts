// One job from its table to its trained network, inside a training thread: prepare, train, evaluate, hand over.
import { blueprintOf, type NetworkBlueprint, planBlueprint, planOptions } from "../architectures/blueprint.ts";
import type { Hyperparameters } from "../contract/hyperparameters.ts";
import type { JobError, ResolvedJobRequest } from "../contract/job.ts";
import type { NumberTarget } from "../datasets/features/number-target.ts";
import { vocabularyOf } from "../datasets/features/encode.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../engine/checkpoint.ts";
import type { EarlyStopping } from "../engine/early-stopping.ts";
import { createKernels, haveSameBits, recallKernels, type Tier } from "../engine/kernels/tiers.ts";
import { instantiate, type Network } from "../engine/network.ts";
import { initialise } from "../engine/parameters.ts";
import { testRange } from "../engine/range-test.ts";
import { type Outcome, train as trainNetwork } from "../engine/train.ts";
import { finishedState, type TrainingState } from "../engine/training-state.ts";
import type { Publication } from "../models/publish.ts";
import { augmentationOf } from "./augmentation.ts";
import { checkSteps } from "./check-steps.ts";
import { evaluatePart, type PartEvaluation } from "./evaluate-part.ts";
import { type PreparedData, prepareData, taskOf } from "./prepare-data.ts";
import { Reporter } from "./reporter.ts";
import type { Post, TrainingInput } from "./thread-protocol.ts";

/**
 * Runs the job and posts what happens; the last message is `trained`, `stopped` or `failed`.
 * @param now a monotonic clock in ms: the engine itself has none
 */
export function runTraining(input: TrainingInput, post: Post, now: () => number): void {
  const { kernels } = input;
  const data = prepareData(input);
  const { request: asked } = input;
  const blueprint = blueprintOf(asked.architecture, data.head, data.features.inputShape, vocabularyOf(data.features));
  const resumeFrom = input.checkpoint === null ? undefined : decodeCheckpoint(input.checkpoint);
  const network = buildNetwork(blueprint, asked, kernels, resumeFrom?.kernels);
  checkSteps(data, network.plan);
  if (network.team !== null) {
    const follower = {
      network: blueprint.network,
      options: planOptions(blueprint, asked.hyperparameters),
      kernels,
      kernelsName: network.kernels.name,
      team: network.team,
    };
    post({ kind: "followers_wanted", count: network.plan.threads - 1, follower });
  }
  if (blueprint.rule?.trained === false) {
    post({ kind: "trained", model: finish(input, blueprint, network, data, post, undefined) });
    return;
  }

  const request = withLearningRate(asked, network, data, blueprint, post);
  post({ kind: "phase", phase: "training" });
  const words = new Int32Array(input.control);
  const reporter = new Reporter({ request, rows: data.train.rows, words, post, now });
  if (resumeFrom !== undefined) {
    reporter.resumeAt(resumeFrom.progress);
    const { name } = network.kernels;
    if (!haveSameBits(name, resumeFrom.kernels)) {
      const message = `The job was begun with ${resumeFrom.kernels} kernels, which this trainer does not have: it goes on with ${name}, and ends with other last bits.`;
      post({ kind: "warning", message });
    }
  }
  const outcome = trainNetwork(
    network,
    trainingSets(data),
    trainOptions(request, blueprint, data),
    reporter,
    resumeFrom,
  );
  reporter.flush();

  if (outcome.kind === "stopped") {
    const bytes = encodeCheckpoint(outcome.state);
    const { epochsDone, stepsDone } = outcome.state.progress;
    post({ kind: "checkpoint", epoch: epochsDone, step: stepsDone, bytes }, [bytes.buffer as ArrayBuffer]);
    post({ kind: "stopped" });
  } else if (outcome.kind === "diverged") {
    post({ kind: "failed", error: divergence(outcome, request) });
  } else {
    post({ kind: "trained", model: finish(input, blueprint, network, data, post, outcome) });
  }
}

/** @param begunWith the kernels of the checkpoint to go on from: the same steps need the same arithmetic */
function buildNetwork(
  blueprint: NetworkBlueprint,
  { hyperparameters }: ResolvedJobRequest,
  tier: Tier,
  begunWith: string | undefined,
): Network {
  const { precision, deterministic } = hyperparameters;
  const plan = planBlueprint(blueprint, hyperparameters);
  const kernels =
    begunWith === undefined ? createKernels(tier, precision, deterministic) : recallKernels(begunWith, tier, precision);
  const network = instantiate(plan, kernels);
  initialise(network, hyperparameters.seed, blueprint.initialParameters);
  return network;
}

/** The request with the learning rate that a range test finds, where it is left to one. What was found is stored before
 * anything of the training is, so it is found once. */
function withLearningRate(
  request: ResolvedJobRequest,
  network: Network,
  data: PreparedData,
  blueprint: NetworkBlueprint,
  post: Post,
): ResolvedJobRequest {
  const { hyperparameters } = request;
  if (hyperparameters.optimizer!.learning_rate !== "auto") return request;
  const found = testRange(network, trainingSets(data), trainOptions(request, blueprint, data));
  post({ kind: "learning_rate", found });
  const optimizer = { ...hyperparameters.optimizer!, learning_rate: found.learningRate };
  return { ...request, hyperparameters: { ...hyperparameters, optimizer } };
}

function trainingSets({ train, validation }: PreparedData) {
  return { train, validation: validation ?? undefined };
}

function trainOptions(request: ResolvedJobRequest, { rule }: NetworkBlueprint, data: PreparedData) {
  const { hyperparameters } = request;
  return {
    epochs: hyperparameters.epochs,
    batchSize: hyperparameters.batch_size as number,
    shuffle: hyperparameters.shuffle,
    seed: hyperparameters.seed,
    learningRate: hyperparameters.optimizer!.learning_rate as number,
    schedule: hyperparameters.schedule,
    earlyStopping: earlyStoppingOf(hyperparameters),
    augment: augmentationOf(request, data.features),
    mixup: hyperparameters.mixup,
    stopWhenErrorless: rule?.stopWhenErrorless === true,
    ...metricOptions(data),
  };
}

function earlyStoppingOf({ early_stopping }: Hyperparameters): EarlyStopping | undefined {
  if (early_stopping === undefined) return undefined;
  const { patience, min_delta, restore_best } = early_stopping;
  return { patience, minDelta: min_delta, restoreBest: restore_best };
}

function metricOptions({ target }: PreparedData) {
  if (target.kind === "inputs") return { metric: "regression" as const };
  if (target.kind !== "number") return { metric: "accuracy" as const };
  return {
    metric: "regression" as const,
    targetScales: (target satisfies NumberTarget).scalings.map((scaling) => scaling.spread),
  };
}

/** Evaluates the final weights on every part and packs what is published. */
function finish(
  { request }: TrainingInput,
  blueprint: NetworkBlueprint,
  network: Network,
  data: PreparedData,
  post: Post,
  outcome: Outcome | undefined,
): Publication {
  post({ kind: "phase", phase: "evaluating" });
  const { beam_width, length_penalty } = request.model;
  const decoding = { beam_width, length_penalty };
  const metrics: Record<string, number | null> = {};
  let last: PartEvaluation | undefined;
  for (const part of ["train", "validation", "test"] as const) {
    if (data[part] === null) continue;
    last = evaluatePart(network, { spec: blueprint.network, decoding }, data, part, metricOptions(data));
    for (const [name, value] of Object.entries(last.metrics)) metrics[`${part}_${name}`] = finite(value);
  }
  const progress = outcome?.state.progress ?? { epochsDone: 0, rowsSeen: 0, stepsDone: 0 };
  const state: TrainingState = finishedState(network, progress);
  return {
    record: {
      format: 1,
      architecture: request.architecture.type,
      task: taskOf[data.target.kind],
      network: blueprint.network,
      precision: request.hyperparameters.precision,
      head: blueprint.head,
      parameterCount: network.plan.parameterCount,
      kernels: network.kernels.name,
      features: data.features,
      target: data.target,
      decoding,
      metrics,
    },
    weights: encodeCheckpoint(state),
    evaluation: last!.report(),
    ...(blueprint.rule?.stopWhenErrorless === true ? convergence(outcome!) : {}),
    ...(outcome?.kind === "stopped_early" ? { message: stoppingMessage(outcome, request) } : {}),
  };
}

function convergence(outcome: Outcome): { converged: boolean; message: string } {
  if (outcome.kind === "converged") {
    return { converged: true, message: `The classes were separated: epoch ${outcome.epoch} passed without an error.` };
  }
  return {
    converged: false,
    message:
      `The classes were not separated in ${outcome.epoch} epochs. If no straight line separates them, as in XOR, ` +
      'a perceptron never can; {"type":"mlp"} with a hidden layer does.',
  };
}

function stoppingMessage({ epoch, state }: Outcome, { hyperparameters }: ResolvedJobRequest): string {
  const { patience, restore_best } = hyperparameters.early_stopping!;
  const { best } = state.progress;
  const weights = restore_best && best !== undefined ? `, whose weights were kept` : "";
  const least =
    best === undefined ? "It never was a finite number." : `It was least after epoch ${best.epoch}${weights}.`;
  return `Stopped after epoch ${epoch}: the validation loss had not fallen for ${patience} epochs. ${least}`;
}

function divergence(outcome: Outcome, { hyperparameters }: ResolvedJobRequest): JobError {
  const epoch = outcome.epoch + 1;
  const rate = hyperparameters.optimizer!.learning_rate as number;
  return {
    code: "diverged",
    message: `The loss stopped being a finite number in epoch ${epoch}; the last good epoch was ${outcome.epoch}.`,
    hint: `Try a learning_rate of ${Number((rate / 10).toPrecision(3))} instead of ${rate}, gradient_clip {"norm":1}, or scaled features.`,
    epoch,
  };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}
