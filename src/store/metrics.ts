// The loss history: one metric event per job and epoch. An epoch that was committed once is never changed.
import { setImmediate } from "node:timers/promises";
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

const pageSize = 5_000;

/** All epochs after `afterEpoch`, page by page; other work gets its turn between the pages. */
export async function* epochPages(
  store: StoreOrTransaction,
  jobId: string,
  afterEpoch: number,
): AsyncGenerator<EpochMetrics[]> {
  for (let after = afterEpoch; ;) {
    const page = await listEpochs(store, jobId, after, pageSize);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.epoch;
    await setImmediate();
  }
}

/** How many epochs there are after `afterEpoch`. */
export async function countEpochs(store: StoreOrTransaction, jobId: string, afterEpoch: number): Promise<number> {
  const { count } = await store
    .selectFrom("event")
    .select((query) => query.fn.countAll<number>().as("count"))
    .where("job_id", "=", jobId)
    .where("epoch", ">", afterEpoch)
    .executeTakeFirstOrThrow();
  return count;
}
