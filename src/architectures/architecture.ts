// What an architecture is: a pure function from its parameters and the shape of the task to a list of layers.
import type { ActivationName } from "../engine/layers/activation.ts";
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { LossName } from "../engine/losses/catalogue.ts";
import type { LayerParameters } from "../engine/parameters.ts";
import type { Architecture, ArchitectureType } from "../contract/architecture.ts";
import type { FeatureDefaults } from "../contract/feature.ts";
import type { HyperparameterDefaults } from "../contract/hyperparameters.ts";
import type { TargetTokens } from "../contract/text-target.ts";
import type { Fault } from "../errors.ts";
import type { Head } from "./head.ts";

/** What the network is for. */
export interface Task {
  kind: "classification" | "regression" | "multi_label" | "sequence" | "tagging" | "reconstruction";
  /** Shape of one row: [4], or [28,28,1]. */
  inputShape: readonly number[];
  /** Classes, or numbers to predict; of several labels, and of those of tokens, as many as the schema shows, there may be more; of sequences the
   * tokens of the vocabulary, at most. */
  outputs: number;
  /** Tokens that are written for each row at most, when a sequence is to be predicted. */
  steps?: number | undefined;
  /** Different token numbers at most, when the input is a sequence of tokens. */
  tokens?: number | undefined;
  /** The largest input, when all are whole numbers from 0 on. */
  largestIndex?: number | undefined;
  /** True when every input is 0 or 1. */
  binaryInputs: boolean;
}

/** What an architecture makes of its parameters. */
export interface Blueprint {
  layers: LayerSpec[];
  /** Where the architecture fixes them; else those of the request. */
  initialParameters?: readonly LayerParameters[];
  /** Shape of a row of the network, where it takes more than the features. */
  inputShape?: readonly number[];
}

/** What an architecture fixes about training; nothing for most. */
export interface TrainingRule {
  loss: LossName;
  /** False: never trained, only evaluated and published. */
  trained: boolean;
  /** The rule updates after each row, by plain gradient steps of this size. */
  online?: { learningRate: number };
  /** Stop after a pass without an error; the result says whether one was reached. */
  stopWhenErrorless: boolean;
}

/** What a job gets where it says nothing: shown by the catalogue, and filled in where it is resolved. */
export interface ArchitectureDefaults {
  readonly features?: FeatureDefaults;
  readonly hyperparameters?: HyperparameterDefaults;
  /** Of a text to be written, unless the request names an encoding. */
  readonly targetTokens?: Partial<TargetTokens>;
}

export interface ArchitectureDefinition<Parameters extends Architecture = Architecture> {
  type: Parameters["type"] & ArchitectureType;
  title: string;
  /** Author and year. */
  source: string;
  /** A body for POST /v1/jobs that works on a fresh server. */
  example: Record<string, unknown>;
  rule?: TrainingRule;
  /** The only task it is for. */
  task?: "sequence" | "tagging" | "reconstruction";
  /** Tasks with an answer in each step that it can do, and the loss for each. */
  stepLosses?: { readonly sequence?: "cross_entropy" | "ctc"; readonly tagging?: "cross_entropy" };
  defaults?: ArchitectureDefaults;
  /** The activation of the last layer when the parameters say it. */
  lastActivation?(parameters: Parameters): ActivationName | undefined;
  /** Outputs of the last layer when the architecture fixes them (a layer list does). */
  fixedOutputs?(parameters: Parameters): { units: number } | undefined;
  /** The parameters with every "auto" filled in. */
  resolve?(parameters: Parameters, head: Head, task: Task): Parameters;
  /** Faults of the parameters for this task, or of the task for this architecture. */
  check?(parameters: Parameters, task: Task): Fault[];
  /**
   * @param inputShape of the features of one row
   * @param tokens different token numbers that a row may have, when it is a sequence of tokens
   */
  build(parameters: Parameters, inputShape: readonly number[], head: Head, tokens?: number): Blueprint;
}
