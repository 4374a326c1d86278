// What a published version holds beside its weights: all that is needed to predict like the day it was trained.
import type { Head } from "../architectures/head.ts";
import type { DecodingOptions } from "../contract/text-target.ts";
import type { ClassTarget } from "../datasets/features/class-target.ts";
import type { FittedFeatures } from "../datasets/features/encode.ts";
import type { InputTarget } from "../datasets/features/input-target.ts";
import type { LabelTarget } from "../datasets/features/label-target.ts";
import type { TagTarget } from "../datasets/features/tag-target.ts";
import type { TextTarget } from "../datasets/features/text-target.ts";
import type { NumberTarget } from "../datasets/features/number-target.ts";
import type { NetworkSpec } from "../engine/plan.ts";
import type { Precision } from "../engine/tensor.ts";

export interface VersionRecord {
  /** Of this record; a reader refuses a number it does not know. */
  format: 1;
  architecture: string;
  task: "classification" | "regression" | "multi_label" | "sequence" | "tagging" | "reconstruction";
  network: NetworkSpec;
  precision: Precision;
  head: Head;
  parameterCount: number;
  /** Tier of the kernels it was trained with: it decides the last bits. */
  kernels: string;
  features: FittedFeatures;
  target: ClassTarget | InputTarget | LabelTarget | NumberTarget | TagTarget | TextTarget;
  /** Of a sequence task: how texts are written where a call does not say. */
  decoding?: DecodingOptions;
  /** train_*, validation_* and test_* with the final weights; null where a value is not finite. */
  metrics: Record<string, number | null>;
}
