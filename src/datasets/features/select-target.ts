// What a job predicts: the target column or columns, and whether that is a classification or a regression.
import type { ColumnSchema } from "../../contract/dataset.ts";
import { suggestName } from "../../contract/strict-object.ts";
import type { Fault } from "../../errors.ts";
import { isMedia } from "../schema.ts";
import { withArticle } from "../table.ts";

export type Task = "classification" | "regression" | "multi_label" | "sequence" | "tagging" | "reconstruction";

export interface TargetSelection {
  targets: string[];
  task: Task;
  warnings: Fault[];
  faults: Fault[];
}

/** An integer with at most so many values, each in two rows on average, is a class; with images, any label is. */
const fewIntegers = 20;
const mostClasses = 1000;

/** "auto": the first rule that holds for the (first) target. */
const taskRules: readonly {
  task: Task;
  when: (target: ColumnSchema, columns: readonly ColumnSchema[], rows: number) => boolean;
}[] = [
  { task: "classification", when: ({ type }) => type === "category" || type === "boolean" || type === "text" },
  {
    task: "classification",
    when: ({ type, statistics }, _columns, rows) =>
      type === "integer" && statistics.distinct <= Math.max(2, Math.min(fewIntegers, rows / 2)),
  },
  {
    task: "classification",
    when: ({ type }, columns) => type === "integer" && columns.some((column) => column.type === "image"),
  },
  { task: "regression", when: () => true },
];

/** Checks of one target for a task: every one that holds is a fault. */
const targetFaults: readonly {
  tasks: readonly Task[] | "any";
  code: string;
  when: (target: ColumnSchema) => boolean;
  detail: (target: ColumnSchema) => string;
  hint: string;
}[] = [
  {
    tasks: "any",
    code: "wrong_type",
    when: ({ type }) => isMedia(type) || type === "datetime",
    detail: ({ name, type }) => `"${name}" is ${withArticle(type)} column, which cannot be predicted.`,
    hint: "Choose a column of numbers, words or truth values.",
  },
  {
    tasks: ["classification"],
    code: "one_class",
    when: ({ statistics }) => statistics.distinct < 2,
    detail: ({ name, statistics }) => `"${name}" has ${statistics.distinct === 0 ? "no value" : "only one class"}.`,
    hint: "A classifier needs at least two classes: check that the rows were not filtered.",
  },
  {
    tasks: ["classification"],
    code: "too_many_classes",
    when: ({ statistics }) => statistics.distinct > mostClasses,
    detail: ({ name, statistics }) => `"${name}" has ${statistics.distinct} classes, more than ${mostClasses}.`,
    hint: "Choose another target, merge classes, or use task regression for a number.",
  },
  {
    tasks: ["multi_label", "tagging"],
    code: "not_labels",
    when: ({ type }) => type !== "category" && type !== "text",
    detail: ({ name, type }) => `"${name}" is ${withArticle(type)} column: its cells hold no labels.`,
    hint: 'Choose a column of words such as "sport, politics", or declare it as text at the upload.',
  },
  {
    tasks: ["sequence"],
    code: "not_a_text",
    when: ({ type }) => type !== "category" && type !== "text",
    detail: ({ name, type }) => `"${name}" is ${withArticle(type)} column: there is no text to write.`,
    hint: "Choose a column of texts, or declare it as text at the upload.",
  },
  {
    tasks: ["regression"],
    code: "not_a_number",
    when: ({ type }) => type === "category" || type === "text" || type === "boolean",
    detail: ({ name, type, examples }) =>
      `"${name}" is ${withArticle(type)} column${examples.length === 0 ? "" : `, for example ${JSON.stringify(examples[0])}`}: a regression needs numbers.`,
    hint: 'Use task "classification" (or "auto"), or choose a column of numbers.',
  },
  {
    tasks: ["regression", "sequence", "tagging"],
    code: "no_value",
    when: ({ statistics }) => statistics.distinct === 0,
    detail: ({ name }) => `"${name}" has no value in any row.`,
    hint: "Choose another target.",
  },
];

export function selectTarget(
  columns: readonly ColumnSchema[],
  target: string | readonly string[],
  asked: Task | "auto",
  rows: number,
): TargetSelection {
  const names = typeof target === "string" ? [target] : [...target];
  const pointerOf = (index: number) => (typeof target === "string" ? "/dataset/target" : `/dataset/target/${index}`);
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const known: { column: ColumnSchema; pointer: string }[] = [];
  names.forEach((name, index) => {
    const pointer = pointerOf(index);
    const column = columns.find((candidate) => candidate.name === name);
    if (column === undefined) {
      const hint = suggestName(
        name,
        columns.map((candidate) => candidate.name),
      );
      faults.push({ pointer, code: "unknown_column", detail: `The dataset has no column "${name}".`, hint });
    } else if (names.indexOf(name) < index) {
      faults.push({ pointer, code: "duplicate_target", detail: `"${name}" is listed twice.`, hint: "List it once." });
    } else known.push({ column, pointer });
  });
  const first = known[0]?.column;
  const inferred = first === undefined ? "regression" : taskRules.find(({ when }) => when(first, columns, rows))!.task;
  // Several targets are numbers side by side: a class among them would need outputs of another kind.
  const task = asked !== "auto" ? asked : names.length > 1 ? "regression" : inferred;
  if (task !== "regression" && task !== "reconstruction" && names.length > 1) {
    faults.push({
      pointer: "/dataset/target",
      code: "several_targets",
      detail: `A ${task === "classification" ? task : `${task} task`} has one target, not ${names.length}.`,
      hint: "Train one model per target.",
    });
  }
  if (task === "reconstruction" && names.length > 0) {
    faults.push({
      pointer: "/dataset/target",
      code: "no_target",
      detail: "An autoencoder gives its own inputs back: it has no target.",
      hint: "Leave target out; list the features, if the others should not be inputs.",
    });
  }
  for (const { column, pointer } of known) {
    for (const check of targetFaults) {
      if ((check.tasks === "any" || check.tasks.includes(task)) && check.when(column)) {
        faults.push({ pointer, code: check.code, detail: check.detail(column), hint: check.hint });
      }
    }
    warnings.push(...warningsOf(column, task, pointer, { guessed: asked === "auto", rows }));
  }
  return { targets: names, task, warnings, faults };
}

function warningsOf(
  { name, type, statistics }: ColumnSchema,
  task: Task,
  pointer: string,
  { guessed, rows }: { guessed: boolean; rows: number },
): Fault[] {
  const warnings: Fault[] = [];
  if (guessed && task === "classification" && type === "integer" && statistics.distinct > 2) {
    warnings.push({
      pointer,
      code: "integers_as_classes",
      detail: `The ${statistics.distinct} values of "${name}" are taken as classes.`,
      hint: 'Set task to "regression" if they are quantities.',
    });
  }
  if (task === "classification" && statistics.distinct > rows / 2 && statistics.distinct > 2) {
    warnings.push({
      pointer,
      code: "rare_classes",
      detail: `"${name}" has ${statistics.distinct} classes in ${rows} rows.`,
      hint: "Most classes have too few rows to learn from: choose another target, or merge classes.",
    });
  }
  if (statistics.missing > 0) {
    warnings.push({
      pointer,
      code: "missing_target",
      detail: `${statistics.missing} rows have no "${name}".`,
      hint: "They are left out: neither trained nor tested on.",
    });
  }
  if (task === "regression" && statistics.distinct === 1) {
    warnings.push({
      pointer,
      code: "constant_target",
      detail: `"${name}" is the same in every row.`,
      hint: "There is nothing to learn from it.",
    });
  }
  return warnings;
}
