// What a running attempt reports: phase, epochs, progress. Every write is fenced by the attempt token.
import type { JobPhase, JobProgress, ResolvedJobRequest } from "../contract/job.ts";
import type { EpochMetrics } from "../contract/metrics.ts";
import { inTransaction, type Store, type StoreOrTransaction } from "./database.ts";
import { appendEvent } from "./events.ts";
import { getJobRow } from "./jobs.ts";
import { assertHeld, StaleAttemptError } from "./leases.ts";
import { appendEpochs } from "./metrics.ts";

export interface Attempt {
  jobId: string;
  attemptToken: string;
}

/** @throws StaleAttemptError */
export async function recordPhase(store: Store, attempt: Attempt, phase: JobPhase): Promise<void> {
  await inTransaction(store, async (transaction) => {
    await updateHeld(transaction, attempt, { phase });
    await appendEvent(transaction, {
      jobId: attempt.jobId,
      type: "status",
      now: Date.now(),
      data: { status: "running", phase },
    });
  });
}

/** Commits a group of epochs with the progress they made. @throws StaleAttemptError */
export async function recordEpochs(
  store: Store,
  attempt: Attempt,
  epochs: readonly EpochMetrics[],
  progress: JobProgress,
): Promise<void> {
  await inTransaction(store, async (transaction) => {
    await updateHeld(transaction, attempt, { progress: JSON.stringify(progress) });
    await appendEpochs(transaction, attempt.jobId, epochs, Date.now());
  });
}

/** @throws StaleAttemptError */
export async function recordProgress(store: Store, attempt: Attempt, progress: JobProgress): Promise<void> {
  await updateHeld(store, attempt, { progress: JSON.stringify(progress) });
}

/** Says something about the attempt that people should know. @throws StaleAttemptError */
export async function recordWarning(store: Store, { jobId, attemptToken }: Attempt, message: string): Promise<void> {
  await inTransaction(store, async (transaction) => {
    await assertHeld(transaction, jobId, attemptToken);
    await appendEvent(transaction, { jobId, type: "log", now: Date.now(), data: { level: "warn", message } });
  });
}

/**
 * Puts the learning rate that was found into the job's request, which then is what runs after any restart, and says so with
 * what was measured. @throws StaleAttemptError
 */
export async function recordLearningRate(
  store: Store,
  attempt: Attempt,
  { learningRate, rates, losses }: { learningRate: number; rates: readonly number[]; losses: readonly number[] },
): Promise<void> {
  await inTransaction(store, async (transaction) => {
    const request = JSON.parse((await getJobRow(transaction, attempt.jobId)).request) as ResolvedJobRequest;
    request.hyperparameters.optimizer!.learning_rate = learningRate;
    await updateHeld(transaction, attempt, { request: JSON.stringify(request) });
    const message = `The range test of ${rates.length} steps chose the learning rate ${learningRate}.`;
    await appendEvent(transaction, {
      jobId: attempt.jobId,
      type: "log",
      now: Date.now(),
      data: { level: "info", message, learning_rate: learningRate, range_test: { rates, losses } },
    });
  });
}

async function updateHeld(
  store: StoreOrTransaction,
  { jobId, attemptToken }: Attempt,
  set: { phase?: JobPhase; progress?: string; request?: string },
): Promise<void> {
  const changed = await store
    .updateTable("job")
    .set(set)
    .where("id", "=", jobId)
    .where("attempt_token", "=", attemptToken)
    .where("status", "=", "running")
    .returning("id")
    .executeTakeFirst();
  if (changed === undefined) throw new StaleAttemptError(jobId);
}
