// The loss history: one metric event per job and epoch. An epoch that was committed once is never changed.
import type { EpochMetrics } from "../contract/metrics.ts";
import type { StoreOrTransaction } from "./database.ts";

/** Appends epochs. What is already there (a job resumed from an older checkpoint repeats epochs) stays as it was shown. */
export async function appendEpochs(
  store: StoreOrTransaction,
  jobId: string,
  epochs: readonly EpochMetrics[],
  now: number,
): Promise<void> {
  // SQLite takes a bounded number of parameters per statement.
  for (let start = 0; start < epochs.length; start += 500) {
    await store
      .insertInto("event")
      .values(
        epochs.slice(start, start + 500).map((epoch) => ({
          job_id: jobId,
          type: "metric" as const,
          epoch: epoch.epoch,
          created_at: now,
          data: JSON.stringify(epoch),
        })),
      )
      .onConflict((conflict) => conflict.columns(["job_id", "epoch"]).doNothing())
      .execute();
  }
}

/** Epochs after `afterEpoch`, in order. */
export async function listEpochs(
  store: StoreOrTransaction,
  jobId: string,
  afterEpoch: number,
  limit: number,
): Promise<EpochMetrics[]> {
  const rows = await store
    .selectFrom("event")
    .select("data")
    .where("job_id", "=", jobId)
    .where("epoch", ">", afterEpoch)
    .orderBy("epoch")
    .limit(limit)
    .execute();
  return rows.map((row) => JSON.parse(row.data) as EpochMetrics);
}
