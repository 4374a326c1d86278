// Publishing: the weights are stored, then one transaction makes the version and ends the job. Both are there or none.
import type { EvaluationReport } from "../contract/evaluation.ts";
import type { JobResult } from "../contract/job.ts";
import { keepingBytes, putBytes } from "../store/blobs.ts";
import { inTransaction, type Store } from "../store/database.ts";
import { insertEvaluation } from "../store/evaluations.ts";
import { transition } from "../store/job-lifecycle.ts";
import { StaleAttemptError } from "../store/leases.ts";
import { insertVersion } from "../store/models.ts";
import type { Attempt } from "../store/progress.ts";
import type { VersionRecord } from "./version-record.ts";

/** What a finished training hands over to be published. */
export interface Publication {
  record: VersionRecord;
  weights: Uint8Array;
  evaluation: EvaluationReport;
  converged?: boolean;
  message?: string;
}

/** Publishes the next version of `modelName` as the result of the job. @throws StaleAttemptError */
export async function publishVersion(
  store: Store,
  attempt: Attempt,
  modelName: string,
  publication: Publication,
): Promise<void> {
  await keepingBytes(() => tryPublish(store, attempt, modelName, publication));
}

async function tryPublish(
  store: Store,
  { jobId, attemptToken }: Attempt,
  modelName: string,
  publication: Publication,
): Promise<void> {
  const { record, evaluation, converged, message } = publication;
  const weights = await putBytes(store, publication.weights);
  await inTransaction(store, async (transaction) => {
    const version = await insertVersion(transaction, { modelName, jobId, record, weights });
    await insertEvaluation(transaction, { modelName, version, jobId, report: evaluation });
    const result: JobResult = {
      model: modelName,
      version,
      ...(converged === undefined ? {} : { converged }),
      ...(message === undefined ? {} : { message }),
      metrics: record.metrics,
    };
    const ended = await transition(transaction, jobId, "succeed", {
      attemptToken,
      now: Date.now(),
      set: { result: JSON.stringify(result) },
      data: { model: modelName, version },
    });
    if (ended === undefined) throw new StaleAttemptError(jobId); // takes the version back with it
  });
}
