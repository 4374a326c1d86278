// Early stopping: a training ends once the validation loss has not fallen for some epochs. Prechelt, 1998, class UP.
import { EngineError } from "./engine-error.ts";
import { copyElements } from "./data.ts";
import { requireInteger, requireWithin } from "./requirements.ts";
import { allocateElements } from "./tensor.ts";
import type { Elements, Precision } from "./tensor.ts";
import type { Progress } from "./training-state.ts";

export interface EarlyStopping {
  /** Epochs without a better validation loss after which the training ends. */
  readonly patience: number;
  /** A loss is better when it is lower than the best one by more than this. */
  readonly minDelta: number;
  /** The network ends with the weights of the best epoch, whether the training was stopped or came to its end. */
  readonly restoreBest: boolean;
}

export function checkEarlyStopping(spec: EarlyStopping | undefined, hasValidation: boolean): void {
  if (spec === undefined) return;
  requireInteger("early_stopping", "patience", spec.patience, 1);
  requireWithin("early_stopping", "min_delta", spec.minDelta, 0);
  if (hasValidation) return;
  throw new EngineError("invalid_data", { op: "early_stopping", expected: "validation rows", got: "none" });
}

/** Room for the weights of the best epoch; empty where they are not wanted. */
export function roomForBest(
  spec: EarlyStopping | undefined,
  precision: Precision,
  weights: readonly Elements[],
): Elements[] {
  return spec?.restoreBest === true ? weights.map(({ length }) => allocateElements(precision, length)) : [];
}

/** Takes note of an epoch that is over; a loss that is not finite is never the best. */
export function noteEpoch(
  { minDelta }: EarlyStopping,
  progress: Progress,
  loss: number,
  weights: readonly Elements[],
  best: readonly Elements[],
): void {
  if (!(loss < (progress.best?.loss ?? Infinity) - minDelta)) return;
  progress.best = { epoch: progress.epochsDone, loss };
  for (let index = 0; index < best.length; index++) copyElements(weights[index], best[index]);
}

export function hasStalled(spec: EarlyStopping | undefined, { epochsDone, best }: Readonly<Progress>): boolean {
  return spec !== undefined && epochsDone - (best?.epoch ?? 0) >= spec.patience;
}
