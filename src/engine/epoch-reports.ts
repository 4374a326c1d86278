// What an observer is told of the epochs that are over: of one at a time, or of many together.
import type { Diagnostics } from "./diagnostics.ts";
import { lossOf, metricsOf } from "./metrics.ts";
import type { Metrics, Tally } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import type { Capture, Decision, Observer } from "./train.ts";

export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Over the rows as they were trained on, before the step of their batch. */
  readonly train_loss: number;
  readonly train_metrics: Metrics;
  readonly validation_loss: number | null;
  readonly validation_metrics: Metrics | null;
  /** Of the epoch's last step. */
  readonly learning_rate: number;
  readonly rows: number;
  /** Where they were asked for. */
  readonly diagnostics?: Diagnostics;
}

/** Successive epochs. Their numbers stand in columns, a report is made when it is asked for: an epoch of a tiny network is
 * over sooner than the object that describes it is written. */
export interface EpochReports {
  readonly count: number;
  /** Of the epoch at `index`, from 0. */
  trainLoss(index: number): number;
  at(index: number): EpochReport;
}

/** The epochs from number `first` on whose sums stand one after another in the tally; there are no validation rows. */
export function epochsOf(
  { plan, tally, rows }: { readonly plan: Plan; readonly tally: Tally; readonly rows: number },
  first: number,
  count: number,
  rateOf: (index: number) => number,
): EpochReports {
  const stride = tally.sums.length / count;
  return {
    count,
    trainLoss: (index) => lossOf(tally, plan, index * stride),
    at: (index) => ({
      epoch: first + index,
      train_loss: lossOf(tally, plan, index * stride),
      train_metrics: metricsOf(tally, index * stride),
      validation_loss: null,
      validation_metrics: null,
      learning_rate: rateOf(index),
      rows,
    }),
  };
}

/** Tells the observer of one epoch, in the way it wants to hear of it. */
export function tellOf(report: EpochReport, observer: Observer, capture: Capture): Decision | void {
  if (observer.afterEpoch !== undefined) return observer.afterEpoch(report, capture);
  return observer.afterEpochs?.({ count: 1, trainLoss: () => report.train_loss, at: () => report }, capture);
}
