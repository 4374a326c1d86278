// Checkpoints: the newest two of each job, so that one damaged file does not cost the run.
import { deleteUnreferencedBlobs, keepingBytes, putBytes } from "./blobs.ts";
import { inTransaction, type Store } from "./database.ts";
import { appendEvent } from "./events.ts";
import { newId } from "./ids.ts";
import { assertHeld } from "./leases.ts";
import type { CheckpointRow } from "./tables.ts";

const keptPerJob = 2;

export interface NewCheckpoint {
  jobId: string;
  attemptToken: string;
  /** Epochs finished. */
  epoch: number;
  /** Optimizer steps taken. */
  step: number;
  bytes: Uint8Array;
}

/** Stores a checkpoint and lets older ones go. @throws StaleAttemptError, or the reason of `signal` */
export async function insertCheckpoint(store: Store, checkpoint: NewCheckpoint, signal?: AbortSignal): Promise<void> {
  await keepingBytes(() => tryInsertCheckpoint(store, checkpoint, signal));
}

async function tryInsertCheckpoint(store: Store, checkpoint: NewCheckpoint, signal?: AbortSignal): Promise<void> {
  await assertHeld(store, checkpoint.jobId, checkpoint.attemptToken);
  const blob = await putBytes(store, checkpoint.bytes, signal);
  await inTransaction(store, async (transaction) => {
    await assertHeld(transaction, checkpoint.jobId, checkpoint.attemptToken);
    const now = Date.now();
    const id = newId("ckpt");
    const { jobId: job_id, epoch, step } = checkpoint;
    await transaction
      .insertInto("checkpoint")
      .values({ id, job_id, epoch, step, blob: blob.hash, size_bytes: blob.sizeBytes, created_at: now })
      .execute();
    await appendEvent(transaction, {
      jobId: job_id,
      type: "checkpoint",
      now,
      data: { id, epoch, step, size_bytes: blob.sizeBytes },
    });
    const all = await transaction
      .selectFrom("checkpoint")
      .select(["id", "blob"])
      .where("job_id", "=", job_id)
      .orderBy("id", "desc")
      .execute();
    const old = all.slice(keptPerJob);
    if (old.length === 0) return;
    await transaction
      .deleteFrom("checkpoint")
      .where(
        "id",
        "in",
        old.map((row) => row.id),
      )
      .execute();
    await deleteUnreferencedBlobs(
      transaction,
      old.map((row) => row.blob),
    );
  });
}

/** Newest first. */
export async function listCheckpoints(store: Store, jobId: string): Promise<CheckpointRow[]> {
  return await store.selectFrom("checkpoint").selectAll().where("job_id", "=", jobId).orderBy("id", "desc").execute();
}
