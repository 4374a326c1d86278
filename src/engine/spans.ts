// Spans: a tiny network trains many epochs, or a part of a long one, in one call of its kernels. The network's own memory
// stays at the beginning of the span until its epochs have been reported. So an epoch in the middle, which the observer
// wants to capture or to stop at, is had by running again up to it; and a span that meets a number that is not finite is
// given up there, for the single steps of train.ts to meet it.
import { epochsOf, tellOf } from "./epoch-reports.ts";
import type { EpochLoop, Span } from "./kernels/kernels.ts";
import type { Tally } from "./metrics.ts";
import { beginEpoch, closeEpoch, isOver, rateAt, reportEpoch } from "./run.ts";
import type { Run } from "./run.ts";
import { isConstantFrom } from "./schedules.ts";
import type { Capture, Decision, Observer, StepPosition } from "./train.ts";
import type { TrainingState } from "./training-state.ts";

/** Trains the next span. "not finite": the epoch that follows now must be trained step by step. */
export function trainSpan(run: Run, loop: EpochLoop, observer: Observer): Decision | "not finite" {
  const span = nextSpan(run, loop);
  // The sums of a part of an epoch go on from those of the parts before.
  if (span.firstRow > 0) loop.tallies.set(run.tally.sums);
  const good = loop.run(span);
  if (span.endRow < run.data.rows) return good === 1 ? keepPart(run, loop, span, observer) : "not finite";
  // Validation and an end that depends on the epochs need them one by one, as an observer may.
  const each =
    observer.afterEpoch !== undefined || run.validation !== undefined || run.options.stopWhenErrorless === true;
  return each ? reportSpan(run, loop, span, good, observer) : reportTogether(run, loop, span, good, observer);
}

function nextSpan({ data, validation, options, schedule, stepsPerEpoch, progress }: Run, loop: EpochLoop): Span {
  const { epochsDone, rowsSeen, stepsDone } = progress;
  const part = rowsSeen > 0 || stepsPerEpoch > loop.mostSteps;
  const mostEpochs = Math.min(loop.mostEpochs, Math.floor(loop.mostSteps / stepsPerEpoch));
  return {
    epoch: epochsDone + 1,
    // Validation wants the network as it is after each epoch.
    epochs: part || validation !== undefined ? 1 : Math.min(options.epochs - epochsDone, mostEpochs),
    firstRow: rowsSeen,
    endRow: part ? Math.min(data.rows, rowsSeen + loop.mostSteps * options.batchSize) : data.rows,
    stepsDone,
    constantRate: isConstantFrom(schedule, stepsDone, stepsPerEpoch),
  };
}

/** Keeps a part of an epoch that is not its end. */
function keepPart(run: Run, loop: EpochLoop, { endRow, firstRow }: Span, observer: Observer): Decision {
  const { progress, tally, options, stepsPerEpoch: steps } = run;
  loop.commit();
  for (let i = 0; i < tally.sums.length; i++) tally.sums[i] = loop.tallies[i];
  progress.rowsSeen = endRow;
  progress.stepsDone += (endRow - firstRow) / options.batchSize;
  const position: StepPosition = { epoch: progress.epochsDone + 1, step: endRow / options.batchSize, steps };
  return observer.afterStep?.(position, run.capture) ?? "continue";
}

/** Reports the good epochs of a span at once. */
function reportTogether(
  run: Run,
  loop: EpochLoop,
  span: Span,
  good: number,
  observer: Observer,
): Decision | "not finite" {
  const { progress, data, options, network } = run;
  if (good === 0) return "not finite";
  if (good < span.epochs) loop.run({ ...span, epochs: good });
  loop.commit();
  const stepsPerEpoch = Math.ceil((span.endRow - span.firstRow) / options.batchSize);
  const tally = { ...run.tally, sums: loop.tallies.subarray(0, good * run.tally.sums.length) };
  progress.stepsDone += good * stepsPerEpoch;
  progress.epochsDone += good - 1;
  closeEpoch(run, { validation_loss: null }, tally, (good - 1) * run.tally.sums.length);
  beginEpoch(run);
  const rateOf = (index: number): number => rateAt(run, span.stepsDone + (index + 1) * stepsPerEpoch - 1);
  const epochs = epochsOf({ plan: network.plan, tally, rows: data.rows }, span.epoch, good, rateOf);
  if (observer.afterEpochs?.(epochs, run.capture) === "stop" && !isOver(run)) return "stop";
  return good < span.epochs ? "not finite" : "continue";
}

/** The epochs of a span on their way to the observer. */
interface Reporting {
  readonly run: Run;
  readonly loop: EpochLoop;
  readonly span: Span;
  readonly stepsPerEpoch: number;
  /** The sums of all epochs of the span. */
  readonly tally: Tally;
  readonly capture: Capture;
  /** η, where it is the same throughout the span. */
  readonly rate: number | null;
  reported: number;
  /** The network stands at the end of the epoch that was reported last: what the span trained beyond is given up. */
  settled: boolean;
}

/** Reports the good epochs of a span, until the observer captures or stops or the training is over. */
function reportSpan(run: Run, loop: EpochLoop, span: Span, good: number, observer: Observer): Decision | "not finite" {
  const stepsPerEpoch = Math.ceil((span.endRow - span.firstRow) / run.options.batchSize);
  const capture = (): TrainingState => {
    settle(reporting);
    return run.capture();
  };
  const tally = { ...run.tally, sums: loop.tallies };
  const rate = span.constantRate ? rateAt(run, span.stepsDone) : null;
  const reporting: Reporting = { run, loop, span, stepsPerEpoch, tally, capture, rate, reported: 0, settled: false };
  while (reporting.reported < good && !reporting.settled) {
    // A function of its own: V8 optimises what is called for every epoch, not a loop that is entered once a span.
    if (reportNext(reporting, observer) === "continue") continue;
    settle(reporting);
    return isOver(run) ? "continue" : "stop";
  }
  const givenUp = good < span.epochs && !reporting.settled;
  settle(reporting);
  return givenUp ? "not finite" : "continue";
}

/** "stop" when the observer wants it, and when the training is over. */
function reportNext(reporting: Reporting, observer: Observer): Decision {
  const { run, loop, span, stepsPerEpoch, tally, capture, rate } = reporting;
  const at = reporting.reported * run.tally.sums.length;
  const { progress, data } = run;
  progress.rowsSeen = data.rows;
  progress.stepsDone += stepsPerEpoch;
  reporting.reported += 1;
  // The last epoch is what the loop ended with; validation already needs it.
  if (reporting.reported === span.epochs) loop.commit();
  const report = reportEpoch(run, tally, rate ?? rateAt(run, progress.stepsDone - 1), at);
  closeEpoch(run, report, tally, at);
  const decision = tellOf(report, observer, capture);
  return decision === "stop" || isOver(run) ? "stop" : "continue";
}

/** Brings the network to the end of the epoch that was reported last. */
function settle(reporting: Reporting): void {
  const { run, loop, span, reported } = reporting;
  if (reporting.settled) return;
  reporting.settled = true;
  if (reported === 0) return;
  if (reported < span.epochs) loop.run({ ...span, epochs: reported });
  loop.commit();
  beginEpoch(run);
}
