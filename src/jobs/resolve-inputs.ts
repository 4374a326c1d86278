// What enters the network: the features of a request, and the architecture where the data is to choose it.
import { auto, chooseArchitecture } from "../architectures/auto.ts";
import { architectureOf } from "../architectures/catalogue.ts";
import { type Architecture, architecture as architectureSchema } from "../contract/architecture.ts";
import type { FeatureDefaults } from "../contract/feature.ts";
import type { JobRequest } from "../contract/job.ts";
import { type TargetTokens, usualTargetTokens } from "../contract/text-target.ts";
import { wordsPerExample } from "../datasets/features/feature-spec.ts";
import { selectFeatures, type Selection } from "../datasets/features/select-features.ts";
import type { Fault } from "../errors.ts";
import type { DatasetFacts } from "./resolve.ts";
import { splitColumns } from "./resolve-split.ts";

/** @param defaults options of the architecture for columns that the request says nothing about */
export function selectInputs(
  request: JobRequest,
  dataset: DatasetFacts,
  defaults: FeatureDefaults | undefined,
): Selection {
  const { features, label_separator, split, window } = request.dataset;
  return selectFeatures(dataset.columns, {
    target: targetOf(request, dataset),
    features,
    task: taskAsked(request),
    targetTokens: tokensOfTarget(request),
    separator: label_separator,
    rows: dataset.rows,
    splitColumns: splitColumns(request.dataset, dataset.columns),
    window: window === undefined ? undefined : { ...window, time: split?.time },
    defaults,
  });
}

/** The target that is asked for, or the dataset's own; an autoencoder's is none. */
export function targetOf(request: JobRequest, dataset: DatasetFacts): string | string[] {
  const own = taskAsked(request) === "reconstruction" ? undefined : dataset.target;
  return request.dataset.target ?? own ?? [];
}

/** The architecture that is asked for, or the one that the data chooses: then said, with the reason. */
export function resolveArchitecture(
  request: JobRequest,
  dataset: DatasetFacts,
): { asked: Architecture; notes: Fault[] } {
  if (request.architecture.type !== auto.type) return { asked: request.architecture, notes: [] };
  const { specs, inputShape } = selectInputs(request, dataset, undefined);
  const column = dataset.columns.find(({ name }) => name === specs[0]?.name);
  const { architecture, why } = chooseArchitecture({
    features: specs,
    inputShape,
    rows: dataset.rows,
    isWindow: request.dataset.window !== undefined,
    writesText: request.dataset.task === "sequence",
    tagsTokens: request.dataset.task === "tagging",
    wordsPerText: column === undefined ? 0 : wordsPerExample(column),
  });
  const note = {
    pointer: "/architecture",
    code: "chosen_by_data",
    detail: `The architecture is ${JSON.stringify(architecture)}: ${why}.`,
    hint: "Name another one to have it.",
  };
  return { asked: architectureSchema.parse(architecture), notes: [note] };
}

/** The task that the request names, or the one that its architecture is for. */
function taskAsked({ architecture, dataset }: JobRequest): JobRequest["dataset"]["task"] {
  return dataset.task === "auto" ? (architectureOf(architecture.type).task ?? "auto") : dataset.task;
}

/** How the target becomes tokens, with every default; nothing unless it does. */
export function tokensOfTarget(request: JobRequest): TargetTokens | undefined {
  if (taskAsked(request) !== "sequence") return undefined;
  const given = request.dataset.target_tokens ?? {};
  // An architecture's defaults are for its own encoding.
  const own = given.encoding === undefined ? architectureOf(request.architecture.type).defaults?.targetTokens : {};
  const usual = { ...usualTargetTokens, ...own };
  return {
    encoding: given.encoding ?? usual.encoding,
    vocabulary_size: given.vocabulary_size ?? usual.vocabulary_size,
    max_length: given.max_length ?? usual.max_length,
  };
}

/** Tasks that need an architecture of their own. */
const writers: Partial<Record<JobRequest["dataset"]["task"], Architecture["type"]>> = {
  sequence: "seq2seq",
  tagging: "tagger",
  reconstruction: "autoencoder",
};

/** Some tasks need an architecture of their own, and that one nothing else. */
export function taskFaults(request: JobRequest): Fault[] {
  const { architecture, dataset } = request;
  const { task: own, stepLosses = {} } = architectureOf(architecture.type);
  const task = taskAsked(request);
  const needed = writers[task];
  const isAble = task === own || (task in writers ? Object.hasOwn(stepLosses, task) : own === undefined);
  if (!isAble) {
    const hint = needed !== undefined ? `Use {"type":"${needed}"}.` : "Leave task out, or choose another architecture.";
    const detail = `${architecture.type} is not for the task ${task}.`;
    return [{ pointer: "/dataset/task", code: "task_does_not_fit", detail, hint }];
  }
  const { beam_width, length_penalty } = request.model ?? {};
  const isHeard = task === "sequence" && stepLosses.sequence === "ctc";
  if (task === "sequence" && !isHeard) return [];
  const given =
    task === "sequence"
      ? { model: { length_penalty } }
      : { dataset: { target_tokens: dataset.target_tokens }, model: { beam_width, length_penalty } };
  const what = isHeard ? "texts written token by token" : "a target that is a text to be written";
  return Object.entries(given).flatMap(([place, options]) =>
    Object.entries(options).flatMap(([name, value]): Fault[] => {
      if (value === undefined) return [];
      const detail = `"${name}" is for ${what}.`;
      return [{ pointer: `/${place}/${name}`, code: "option_does_not_fit", detail, hint: "Leave it out." }];
    }),
  );
}
