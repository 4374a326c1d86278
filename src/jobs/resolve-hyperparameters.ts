// The rules behind "auto" among the hyperparameters, and what an architecture with a rule of its own allows.
import type { ArchitectureDefinition, Task } from "../architectures/architecture.ts";
import type { Head } from "../architectures/head.ts";
import type { ColumnSchema } from "../contract/dataset.ts";
import {
  type Hyperparameters,
  type HyperparameterDefaults,
  type Optimizer,
  optimizer as optimizerSchema,
  type Schedule,
  schedule as scheduleSchema,
} from "../contract/hyperparameters.ts";
import type { JobRequest } from "../contract/job.ts";
import { unknownClasses } from "../datasets/features/class-weights.ts";
import type { SplitSizes } from "../datasets/splits.ts";
import { type Fault, jsonPointer } from "../errors.ts";

interface Findings {
  faults: Fault[];
  warnings: Fault[];
}

/** Hyperparameters with every "auto" filled in, for one thread: by the architecture's defaults first, then by general
 * rules. What does not fit is added to `found`. */
export function resolveHyperparameters(
  { architecture, hyperparameters: given }: JobRequest,
  { head, task }: { head: Head; task: Pick<Task, "kind" | "tokens"> },
  { rule, defaults }: Pick<ArchitectureDefinition, "rule" | "defaults">,
  sizes: SplitSizes,
  found: Findings,
): Hyperparameters {
  const usual = defaults?.hyperparameters ?? {};
  const schedule = given.schedule ?? scheduleSchema.parse(usual.schedule ?? { type: "constant" });
  const gradient_clip = given.gradient_clip ?? usual.gradient_clip;
  const resolved = { ...given, schedule, gradient_clip, loss: head.loss, threads: 1 };
  checkFit(resolved, schedule, sizes, found);
  checkLoss(resolved, head, task.kind, found);
  checkMixup(resolved, head, task, found);
  if (rule?.online !== undefined) return { ...resolved, ...onlineRule(architecture.type, given, rule.online, found) };
  const batch_size = given.batch_size === "auto" ? usualBatchSize(usual.batch_size, sizes.train) : given.batch_size;
  const steps = given.epochs * Math.ceil(sizes.train / batch_size);
  return { ...resolved, batch_size, optimizer: resolveOptimizer(given.optimizer, usual, steps, sizes.train) };
}

/** An architecture's learning rate is for its own optimizer only; "auto" stays until the training tests it. */
function resolveOptimizer(
  given: Optimizer | undefined,
  { optimizer: asUsual = { type: "adam" } }: HyperparameterDefaults,
  steps: number,
  rows: number,
): Optimizer {
  const usual = optimizerSchema.parse(asUsual);
  const optimizer = given ?? usual;
  if (optimizer.learning_rate !== undefined) return optimizer;
  if (usual.type === optimizer.type && usual.learning_rate !== undefined)
    return { ...optimizer, learning_rate: usual.learning_rate };
  return { ...optimizer, learning_rate: usualLearningRate(optimizer, steps, rows) };
}

function checkFit(
  { batch_size, epochs, early_stopping }: Hyperparameters,
  schedule: Schedule,
  sizes: SplitSizes,
  { faults }: Findings,
): void {
  if (batch_size !== "auto" && batch_size > sizes.train) {
    faults.push({
      pointer: "/hyperparameters/batch_size",
      code: "batch_too_large",
      detail: `batch_size is ${batch_size}, but only ${sizes.train} rows are left to train on.`,
      hint: `Use at most ${sizes.train}, or "auto".`,
    });
  }
  if (early_stopping !== undefined && sizes.validation === 0) {
    faults.push({
      pointer: "/hyperparameters/early_stopping",
      code: "no_validation",
      detail: "early_stopping watches the validation loss, but no rows are held out for validation.",
      hint: 'Ask for some with dataset.split, such as {"validation":0.2}, or leave early_stopping out.',
    });
  }
  const warmUp = "warmup_epochs" in schedule ? schedule.warmup_epochs : 0;
  if (warmUp >= epochs && warmUp > 0) {
    faults.push({
      pointer: "/hyperparameters/schedule/warmup_epochs",
      code: "too_big",
      detail: `The warm-up takes ${warmUp} of ${epochs} epochs.`,
      hint: "Use fewer warm-up epochs than epochs.",
    });
  }
}

/** What changes the loss of a class goes with a loss of classes only. */
function checkLoss(
  { label_smoothing, class_weight }: Hyperparameters,
  { loss }: Head,
  kind: Task["kind"],
  { faults }: Findings,
): void {
  if (label_smoothing > 0 && loss !== "cross_entropy" && loss !== "binary_cross_entropy") {
    faults.push({
      pointer: "/hyperparameters/label_smoothing",
      code: "loss_does_not_fit",
      detail: `label_smoothing goes with cross_entropy and binary_cross_entropy, but the loss is ${loss}.`,
      hint: "Leave label_smoothing out.",
    });
  }
  if (class_weight !== undefined && kind !== "classification") {
    faults.push({
      pointer: "/hyperparameters/class_weight",
      code: "no_classes",
      detail: "class_weight is for one class out of many for each row, and this target has none.",
      hint: "Leave class_weight out.",
    });
  }
}

/** Mixtures are of numbers, and of classes that a loss can share between two. */
function checkMixup(
  { mixup, class_weight }: Hyperparameters,
  { loss }: Head,
  { kind, tokens }: Pick<Task, "kind" | "tokens">,
  { faults }: Findings,
): void {
  if (mixup === undefined) return;
  const refuse = (code: string, detail: string): void => {
    faults.push({ pointer: "/hyperparameters/mixup", code, detail, hint: "Leave mixup out." });
  };
  if (kind !== "classification" && kind !== "multi_label")
    refuse("no_classes", "mixup mixes rows and their classes, and this target has none.");
  else if (loss !== "cross_entropy" && loss !== "binary_cross_entropy")
    refuse("loss_does_not_fit", `mixup goes with cross_entropy and binary_cross_entropy, but the loss is ${loss}.`);
  if (tokens !== undefined)
    refuse("tokens", "mixup mixes numbers, but a row of this data is tokens, whose numbers are names.");
  if (class_weight !== undefined)
    refuse("row_weights", "A row that is mixed of two classes has no class_weight of its own.");
}

/** Weights of classes that are not there, where the schema lists all classes; else only the training tells. */
export function classWeightFaults(
  { class_weight }: Hyperparameters,
  columns: readonly ColumnSchema[],
  [target]: readonly string[],
): Fault[] {
  const statistics = columns.find(({ name }) => name === target)?.statistics;
  const classes = statistics?.most_frequent?.map(({ value }) => String(value));
  if (class_weight === undefined || class_weight === "balanced") return [];
  if (classes === undefined || classes.length !== statistics?.distinct) return [];
  return unknownClasses(class_weight, classes).map(({ name, detail, hint }) => ({
    pointer: jsonPointer(["hyperparameters", "class_weight", name]),
    code: "unknown_class",
    detail,
    hint,
  }));
}

/** After each row one plain gradient step, whatever was asked for: what has no effect is said. */
function onlineRule(
  type: string,
  given: Hyperparameters,
  rule: { learningRate: number },
  { faults, warnings }: Findings,
): { batch_size: number; optimizer: Optimizer } {
  const plain = optimizerSchema.parse({ type: "sgd", learning_rate: rule.learningRate });
  const asked = given.optimizer;
  if (asked !== undefined && asked.type !== "sgd") {
    faults.push({
      pointer: "/hyperparameters/optimizer",
      code: "optimizer_does_not_fit",
      detail: `${type} updates after each row by its own rule, not with ${asked.type}.`,
      hint: 'Leave optimizer out, or use {"type":"sgd","learning_rate":1}.',
    });
  }
  const learning_rate = typeof asked?.learning_rate === "number" ? asked.learning_rate : plain.learning_rate;
  const ignored: [string, boolean][] = [
    ["batch_size", given.batch_size !== "auto" && given.batch_size !== 1],
    ["optimizer/momentum", asked?.type === "sgd" && asked.momentum !== 0],
    ["optimizer/weight_decay", asked?.type === "sgd" && asked.weight_decay !== 0],
  ];
  for (const [name, isIgnored] of ignored) {
    if (!isIgnored) continue;
    warnings.push({
      pointer: `/hyperparameters/${name}`,
      code: "no_effect",
      detail: `${name} has no effect: ${type} updates after each row, by plain steps.`,
      hint: 'Leave it out, or use {"type":"mlp","hidden":[]}.',
    });
  }
  return { batch_size: 1, optimizer: { ...plain, learning_rate } };
}

function usualBatchSize(usual: number | undefined, rows: number): number {
  if (usual !== undefined) return Math.max(1, Math.min(usual, rows));
  if (rows <= 64) return Math.max(1, rows);
  return rows <= 100_000 ? 32 : 128;
}

/** Learning rates of jobs that name none; contract/hyperparameters.ts describes them in words. */
const usualRates: Record<Optimizer["type"], (optimizer: Optimizer, short: boolean) => number> = {
  sgd: (optimizer) => (optimizer.type === "sgd" && optimizer.momentum > 0 ? 0.01 : 0.1),
  adagrad: () => 0.05,
  adam: (_optimizer, short) => (short ? 0.01 : 0.001),
  adamw: (_optimizer, short) => (short ? 0.01 : 0.001),
  rmsprop: (_optimizer, short) => (short ? 0.01 : 0.001),
};

function usualLearningRate(optimizer: Optimizer, steps: number, rows: number): number {
  return usualRates[optimizer.type](optimizer, steps < 5_000 && rows <= 10_000);
}
