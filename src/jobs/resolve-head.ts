// How the network of a job ends: its loss, by the request, the architecture or the task, and the last layer under it.
import type { ArchitectureDefinition, Task } from "../architectures/architecture.ts";
import { architectureOf } from "../architectures/catalogue.ts";
import { chooseHead, chooseLoss, type Head } from "../architectures/head.ts";
import type { JobRequest } from "../contract/job.ts";
import type { LossName } from "../engine/losses/catalogue.ts";
import type { Fault } from "../errors.ts";

export function resolveHead(request: JobRequest, task: Task, faults: Fault[]): Head {
  const { architecture, hyperparameters } = request;
  const { rule, stepLosses, fixedOutputs, lastActivation } = architectureOf(architecture.type);
  const fixedUnits = fixedOutputs?.(architecture)?.units;
  const stepLoss = stepLosses?.[task.kind as keyof typeof stepLosses];
  const asked = hyperparameters.loss;
  const usual =
    rule?.loss ?? stepLoss ?? chooseLoss(task.kind, task.outputs, lastActivation?.(architecture), fixedUnits);
  const loss = asked === "auto" ? usual : asked;
  const separatesTwo = task.kind === "classification" && task.outputs === 2 && (fixedUnits ?? 1) === 1;
  const ending = { type: architecture.type, kind: task.kind, loss, rule, stepLoss, separatesTwo };
  for (const { when, detail, hint } of lossFaults) {
    if (!when(ending)) continue;
    faults.push({
      pointer: "/hyperparameters/loss",
      code: "loss_does_not_fit",
      detail: detail(ending),
      hint: hint(ending),
    });
  }
  return {
    ...chooseHead(task.kind, task.outputs, loss, fixedUnits),
    ...(task.steps !== undefined && { steps: task.steps }),
  };
}

/** What decides whether a loss fits. */
interface Ending {
  type: string;
  kind: Task["kind"];
  loss: LossName;
  rule: ArchitectureDefinition["rule"];
  /** The loss of the task, where the network answers in each step. */
  stepLoss: LossName | undefined;
  /** One threshold unit can tell the classes apart. */
  separatesTwo: boolean;
}

const classLosses: readonly LossName[] = ["cross_entropy", "binary_cross_entropy"];

/** Every one that holds is a fault. */
const lossFaults: readonly {
  when: (ending: Ending) => boolean;
  detail: (ending: Ending) => string;
  hint: (ending: Ending) => string;
}[] = [
  {
    when: ({ kind, loss }) => kind === "regression" && classLosses.includes(loss),
    detail: ({ loss }) => `${loss} is for classes, but the target is a number.`,
    hint: () => 'Use mean_squared_error, or set dataset.task to "classification".',
  },
  {
    when: ({ kind, loss }) => kind === "reconstruction" && classLosses.includes(loss),
    detail: ({ loss }) => `${loss} is for classes, but an autoencoder gives numbers back.`,
    hint: () => "Use mean_squared_error, or leave loss out.",
  },
  {
    when: ({ kind, loss }) => kind === "multi_label" && loss === "cross_entropy",
    detail: () => "cross_entropy is for one class out of many, but a row may have several labels.",
    hint: () => "Use binary_cross_entropy, or leave loss out.",
  },
  {
    when: ({ rule, loss, separatesTwo }) => rule === undefined && loss === "perceptron" && !separatesTwo,
    detail: () => "The loss perceptron is that of one threshold unit, which separates two classes.",
    hint: () => "Use cross_entropy, or leave loss out.",
  },
  {
    when: ({ rule, loss }) => rule !== undefined && loss !== rule.loss,
    detail: ({ type, rule }) => `${type} has its own rule and takes no other loss than ${rule!.loss}.`,
    hint: () => 'Leave loss out, or use {"type":"mlp","hidden":[]}.',
  },
  {
    when: ({ loss, stepLoss }) => stepLoss === "cross_entropy" && loss !== stepLoss,
    detail: ({ kind, loss }) =>
      `Each step of a sequence chooses one ${kind === "tagging" ? "label" : "token"} out of many: ${loss} does not measure that.`,
    hint: () => "Use cross_entropy, or leave loss out.",
  },
  {
    when: ({ loss, stepLoss }) => stepLoss === "ctc" && loss !== stepLoss,
    detail: ({ loss }) => `Nothing says in which step a token of the text is: ${loss} does not measure that.`,
    hint: () => "Use ctc, or leave loss out.",
  },
  {
    when: ({ loss, stepLoss }) => stepLoss === undefined && loss === "ctc",
    detail: () => "The loss ctc is for texts whose tokens have no steps of their own, as speech_ctc hears them.",
    hint: () => "Leave loss out.",
  },
];
