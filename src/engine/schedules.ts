// Learning-rate schedules: the rate as a pure function of the position in the training, so a resume needs no state.
// constant   η
// step       η·γ^⌊e/n⌋                              e = epochs done, a fraction within an epoch; every n epochs × γ
// cosine     η_min + ½(η − η_min)(1 + cos(π·(e − w)/(E − w)))       Loshchilov & Hutter, 2017, one period
// one_cycle  over S steps in all, s done, from η/d up to η at the share p of them, then down to η/(d·f):
//            η + ½(η/d − η)(1 + cos(π·s/(p·S − 1))),  then  η_end + ½(η − η_end)(1 + cos(π·(s − p·S + 1)/(S − p·S)))
//            Smith & Topin, 2018, with cosines; PyTorch's OneCycleLR, without its cycle of the momentum
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

export interface OneCycleSchedule {
  readonly type: "one_cycle";
  /** p, the share of the steps in which the rate rises. Default 0.3. */
  readonly pct_start?: number | undefined;
  /** d: the rate begins at η/d. Default 25. */
  readonly div_factor?: number | undefined;
  /** f: the rate ends at η/(d·f). Default 10,000. */
  readonly final_div_factor?: number | undefined;
  /** It warms up by itself. */
  readonly warmup_epochs?: undefined;
}

export type ScheduleSpec = ConstantSchedule | StepSchedule | CosineSchedule | OneCycleSchedule;

type Rule<Spec> = (spec: Spec, rate: number, stepsDone: number, stepsPerEpoch: number, epochs: number) => number;

export const SCHEDULES: { readonly [Type in ScheduleSpec["type"]]: Rule<Extract<ScheduleSpec, { type: Type }>> } = {
  constant: (_spec, rate) => rate,
  step: ({ every_epochs, gamma = 0.1 }, rate, stepsDone, stepsPerEpoch) =>
    rate * gamma ** Math.floor(stepsDone / stepsPerEpoch / every_epochs),
  cosine({ minimum_learning_rate: minimum = 0, warmup_epochs: warmUp = 0 }, rate, stepsDone, stepsPerEpoch, epochs) {
    return halfCosine(rate, minimum, (stepsDone / stepsPerEpoch - warmUp) / (epochs - warmUp));
  },
  one_cycle(spec, rate, stepsDone, stepsPerEpoch, epochs) {
    const { pct_start = 0.3, div_factor = 25, final_div_factor = 1e4 } = spec;
    const last = stepsPerEpoch * epochs - 1;
    const top = pct_start * (last + 1) - 1;
    const initial = rate / div_factor;
    // Where the first step is the top, there is no way up to it.
    if (stepsDone <= top) return halfCosine(initial, rate, top === 0 ? 1 : stepsDone / top);
    return halfCosine(rate, initial / final_div_factor, (stepsDone - top) / (last - top));
  },
};

/** From `start` to `end` on half a period of the cosine; `way` from 0 to 1. */
function halfCosine(start: number, end: number, way: number): number {
  return end + 0.5 * (start - end) * (1 + Math.cos(Math.PI * way));
}

/** Throws `invalid_parameter` when the schedule is not one that `learningRateAt` can follow for `epochs` epochs. */
export function checkSchedule(spec: ScheduleSpec, epochs: number): void {
  requireEntry("schedule", SCHEDULES, spec.type);
  requireWithin("schedule", "warmup_epochs", spec.warmup_epochs ?? 0, 0, epochs);
  if (spec.type === "step") requireWithin("schedule", "every_epochs", spec.every_epochs, Number.MIN_VALUE);
  if (spec.type === "one_cycle") {
    requireWithin("schedule", "pct_start", spec.pct_start ?? 0.3, 0, 1);
    requireWithin("schedule", "div_factor", spec.div_factor ?? 25, 1);
    requireWithin("schedule", "final_div_factor", spec.final_div_factor ?? 1e4, 1);
  }
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
  return rule(spec, baseRate, stepsDone, stepsPerEpoch, epochs);
}
