// The architecture that "auto" stands for: chosen by what a row is and how many there are, with the reason.
import type { Architecture } from "../contract/architecture.ts";
import type { FeatureRequest } from "../contract/feature.ts";
import type { ArchitectureDefinition } from "./architecture.ts";
import { truthTable } from "./truth-table.ts";

/** What the choice is made by. */
export interface DataShape {
  /** How the columns would enter a network of their own choice. */
  features: readonly Pick<FeatureRequest, "name" | "type" | "encoding">[];
  /** Of one row. */
  inputShape: readonly number[];
  /** Rows of the dataset. */
  rows: number;
  isWindow: boolean;
  /** The target is a text to be written. */
  writesText: boolean;
  /** The target is a label for each token. */
  tagsTokens: boolean;
  /** Of a single text, on average. */
  wordsPerText: number;
}

interface Choice {
  architecture: { type: Exclude<Architecture["type"], "auto"> } & Record<string, unknown>;
  why: string;
}

/** Texts longer than this lose most of their words where they are cut for a sequence of tokens. */
const longText = 100;
/** Below so many rows the vectors of most words stay as they were drawn. */
const enoughTexts = 2_000;

/** The first rule whose condition holds chooses. */
const rules: readonly { when: (data: DataShape) => boolean; choose: (data: DataShape) => Choice }[] = [
  {
    when: (data) => data.writesText && isAlone("audio", data),
    choose: () => ({ architecture: { type: "speech_ctc" }, why: "the target is a text, and rows are sounds" }),
  },
  {
    when: ({ writesText }) => writesText,
    choose: () => ({ architecture: { type: "seq2seq" }, why: "the target is a text to be written" }),
  },
  {
    when: ({ tagsTokens }) => tagsTokens,
    choose: () => ({ architecture: { type: "tagger" }, why: "the target is a label for each token" }),
  },
  {
    when: ({ isWindow }) => isWindow,
    choose: () => ({ architecture: { type: "forecaster" }, why: "rows are windows of a time series" }),
  },
  {
    when: (data) => isAlone("image", data) && smallest(data) >= 8,
    choose: (data) =>
      data.inputShape[2] === 1 && smallest(data) >= 12 && largest(data) <= 40
        ? { architecture: { type: "lenet5" }, why: `rows are small grey images, ${shapeOf(data)}` }
        : {
            architecture: { type: "resnet", depth: 20, width: data.rows < 5_000 ? 0.5 : 1 },
            why: `rows are images, ${shapeOf(data)}, and there are ${data.rows}`,
          },
  },
  {
    when: (data) => isAlone("audio", data),
    choose: () => ({ architecture: { type: "speech_rnn" }, why: "rows are sounds" }),
  },
  {
    when: (data) => isAlone("sequence", data),
    choose: () => ({ architecture: { type: "gru" }, why: "rows are sequences of numbers" }),
  },
  {
    when: (data) => isTokens(data) || (isAlone("text", data) && data.wordsPerText < 2),
    choose: (data) => ({
      architecture: { type: "gru" },
      why: isTokens(data) ? "texts are read token by token" : "texts are single words, read letter by letter",
    }),
  },
  {
    when: (data) => isAlone("text", data) && data.rows >= enoughTexts && data.wordsPerText <= longText,
    choose: ({ rows }) => ({ architecture: { type: "text_cnn" }, why: `rows are short texts, and there are ${rows}` }),
  },
  {
    when: () => true,
    choose: ({ rows, features }) => ({
      architecture: { type: "mlp", hidden: rows < 500 ? [16] : rows < 5_000 ? [64] : [64, 64] },
      why: `a row is ${features.length === 1 ? "one column" : `${features.length} columns`} side by side, and there are ${rows} rows`,
    }),
  },
];

/** The architecture as a request would name it, and why. */
export function chooseArchitecture(data: DataShape): Choice {
  return rules.find(({ when }) => when(data))!.choose(data);
}

const isAlone = (type: FeatureRequest["type"], { features }: DataShape) =>
  features.length === 1 && features[0].type === type;
const isTokens = (data: DataShape) => isAlone("text", data) && data.inputShape.length === 1 && usesTokens(data);
const usesTokens = ({ features: [{ encoding }] }: DataShape) =>
  encoding !== undefined && encoding !== "tf_idf" && encoding !== "counts";
const smallest = ({ inputShape: [height, width] }: DataShape) => Math.min(height, width);
const largest = ({ inputShape: [height, width] }: DataShape) => Math.max(height, width);
const shapeOf = ({ inputShape }: DataShape) => inputShape.join(" × ");

export const auto: ArchitectureDefinition<Extract<Architecture, { type: "auto" }>> = {
  type: "auto",
  title: "Chosen by the data",
  source: "rules of this project: src/architectures/auto.ts",
  example: {
    name: "and-auto",
    architecture: { type: "auto" },
    dataset: { rows: truthTable((a, b) => a & b), target: "y" },
    hyperparameters: { epochs: 100 },
  },
  build() {
    throw new Error("auto is another architecture once a job is resolved");
  },
};
