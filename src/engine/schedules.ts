// Learning-rate schedules: the rate as a pure function of the position in the training, so a resume needs no state.
// constant   η
// step       η·γ^⌊e/n⌋                              e = epochs done, a fraction within an epoch; every n epochs × γ
// cosine     η_min + ½(η − η_min)(1 + cos(π·(e − w)/(E − w)))       Loshchilov & Hutter, 2017, one period
// warm-up    the first w epochs rise linearly to η: η·(s + 1)/(w·S), s = steps done, S = steps per epoch
import { requireEntry, requireWithin } from "./requirements.ts";

interface WarmUp {
  /** Epochs of linear warm-up, also fractional. Default 0. */
  readonly warmup_epochs?: number | undefined;
}

export interface ConstantSchedule extends WarmUp {
  readonly type: "constant";
}

export interface StepSchedule extends WarmUp {
  readonly type: "step";
  readonly every_epochs: number;
  /** Default 0.1. */
  readonly gamma?: number | undefined;
}

export interface CosineSchedule extends WarmUp {
  readonly type: "cosine";
  /** η_min. Default 0. */
  readonly minimum_learning_rate?: number | undefined;
}

export type ScheduleSpec = ConstantSchedule | StepSchedule | CosineSchedule;

type Rule<Spec> = (spec: Spec, rate: number, epochsDone: number, epochs: number) => number;

export const SCHEDULES: { readonly [Type in ScheduleSpec["type"]]: Rule<Extract<ScheduleSpec, { type: Type }>> } = {
  constant: (_spec, rate) => rate,
  step: ({ every_epochs, gamma = 0.1 }, rate, epochsDone) => rate * gamma ** Math.floor(epochsDone / every_epochs),
  cosine: ({ minimum_learning_rate: minimum = 0, warmup_epochs: warmUp = 0 }, rate, epochsDone, epochs) =>
    minimum + 0.5 * (rate - minimum) * (1 + Math.cos((Math.PI * (epochsDone - warmUp)) / (epochs - warmUp))),
};

/** Throws `invalid_parameter` when the schedule is not one that `learningRateAt` can follow for `epochs` epochs. */
export function checkSchedule(spec: ScheduleSpec, epochs: number): void {
  requireEntry("schedule", SCHEDULES, spec.type);
  requireWithin("schedule", "warmup_epochs", spec.warmup_epochs ?? 0, 0, epochs);
  if (spec.type === "step") requireWithin("schedule", "every_epochs", spec.every_epochs, Number.MIN_VALUE);
}

/** Whether η is the same from the step after `stepsDone` others on. */
export function isConstantFrom(spec: ScheduleSpec, stepsDone: number, stepsPerEpoch: number): boolean {
  return spec.type === "constant" && stepsDone >= (spec.warmup_epochs ?? 0) * stepsPerEpoch;
}

/** The learning rate η of the step after `stepsDone` others, of a training of `epochs` epochs. */
export function learningRateAt(
  spec: ScheduleSpec,
  baseRate: number,
  stepsDone: number,
  stepsPerEpoch: number,
  epochs: number,
): number {
  const warmUpSteps = (spec.warmup_epochs ?? 0) * stepsPerEpoch;
  if (stepsDone < warmUpSteps) return baseRate * Math.min(1, (stepsDone + 1) / warmUpSteps);
  const rule = SCHEDULES[spec.type] as Rule<ScheduleSpec>;
  return rule(spec, baseRate, stepsDone / stepsPerEpoch, epochs);
}
