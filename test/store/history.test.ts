// What a job leaves behind: its loss history, its checkpoints; and the answers kept for repeated requests.
import { describe, expect, test } from "vitest";
import { getBytes } from "../../src/store/blobs.ts";
import { insertCheckpoint, listCheckpoints } from "../../src/store/checkpoints.ts";
import type { Store } from "../../src/store/database.ts";
import {
  deleteExpiredIdempotency,
  findIdempotency,
  idempotencyRetentionMs,
  saveIdempotency,
} from "../../src/store/idempotency.ts";
import { claimNextJob } from "../../src/store/leases.ts";
import { listEpochs } from "../../src/store/metrics.ts";
import { type Attempt, recordEpochs } from "../../src/store/progress.ts";
import { epoch, progress, queueJob, someBytes, temporaryStore } from "./construction.ts";

async function runningJob(store: Store): Promise<Attempt> {
  await queueJob(store);
  const { job, attemptToken } = (await claimNextJob(store, "trainer_1"))!;
  return { jobId: job.id, attemptToken };
}

describe("the loss history", () => {
  test("keeps what was shown first when an epoch is repeated", async () => {
    const { store } = await temporaryStore();
    const attempt = await runningJob(store);
    await recordEpochs(store, attempt, [epoch(1, 0.9), epoch(2, 0.8)], progress);
    await recordEpochs(store, attempt, [epoch(2, 7), epoch(3, 0.7)], progress);
    const losses = (await listEpochs(store, attempt.jobId, 0, 10)).map((row) => row.train_loss);
    expect(losses).toEqual([0.9, 0.8, 0.7]);
  });

  test("takes more epochs at once than a statement has parameters", async () => {
    const { store } = await temporaryStore();
    const attempt = await runningJob(store);
    const many = Array.from({ length: 12_345 }, (_, index) => epoch(index + 1, 1 / (index + 1)));
    await recordEpochs(store, attempt, many, progress);
    expect(await listEpochs(store, attempt.jobId, 0, 20_000)).toEqual(many);
    expect(await listEpochs(store, attempt.jobId, 12_340, 3)).toEqual(many.slice(12_340, 12_343));
  });
});

describe("checkpoints", () => {
  test("of a job: the newest two stay, with their bytes; those of older ones go", async () => {
    const { store } = await temporaryStore();
    const attempt = await runningJob(store);
    for (let number = 1; number <= 4; number++) {
      await insertCheckpoint(store, { ...attempt, epoch: number, step: number, bytes: someBytes(100, number) });
    }
    const rows = await listCheckpoints(store, attempt.jobId);
    expect(rows.map((row) => row.epoch)).toEqual([4, 3]);
    expect(await getBytes(store, rows[0].blob)).toEqual(someBytes(100, 4));
    expect(await getBytes(store, rows[1].blob)).toEqual(someBytes(100, 3));
    const { hash: dataset } = await store.selectFrom("dataset").select("blob as hash").executeTakeFirstOrThrow();
    const hashes = (await store.selectFrom("blob").select("hash").execute()).map(({ hash }) => hash);
    expect(hashes.sort()).toEqual([dataset, ...rows.map((row) => row.blob)].sort());
  });

  // Two submissions of the same request train to the same bits at the same pace: one lets go what the other is storing.
  test("with equal bytes in two jobs at the same time cost neither of them anything", async () => {
    const { store } = await temporaryStore();
    const jobs = [await runningJob(store), await runningJob(store)];
    // The orders differ, so that the moments meet in every way.
    const orders = [(number: number) => number % 3, (number: number) => (number * number) % 3];
    const storeAll = async (attempt: Attempt, order: (number: number) => number) => {
      for (let number = 1; number <= 60; number++) {
        await insertCheckpoint(store, {
          ...attempt,
          epoch: number,
          step: number,
          bytes: someBytes(100, order(number)),
        });
      }
    };
    await Promise.all(jobs.map((attempt, index) => storeAll(attempt, orders[index])));
    for (const [index, { jobId }] of jobs.entries()) {
      const rows = await listCheckpoints(store, jobId);
      expect(rows.map((row) => row.epoch)).toEqual([60, 59]);
      for (const row of rows) expect(await getBytes(store, row.blob)).toEqual(someBytes(100, orders[index](row.epoch)));
    }
  });
});

describe("an answer kept for repeated requests", () => {
  const record = { key: "k", scope: "POST /v1/jobs", fingerprint: "f", status: 202, location: "/l", body: "{}" };

  test("is found under its key and scope only", async () => {
    const { store } = await temporaryStore();
    await saveIdempotency(store, record);
    expect(await findIdempotency(store, "k", record.scope)).toEqual(record);
    expect(await findIdempotency(store, "k", "POST /v1/datasets")).toBeUndefined();
    expect(await findIdempotency(store, "K", record.scope)).toBeUndefined();
  });

  test("is forgotten after 24 hours, and its key may be used again", async () => {
    const { store } = await temporaryStore();
    await saveIdempotency(store, record);
    const age = (ms: number) =>
      store
        .updateTable("idempotency")
        .set({ created_at: Date.now() - ms })
        .execute();
    await age(idempotencyRetentionMs - 60_000);
    await deleteExpiredIdempotency(store);
    expect(await findIdempotency(store, "k", record.scope)).toBeDefined();
    await age(idempotencyRetentionMs);
    expect(await findIdempotency(store, "k", record.scope)).toBeUndefined();
    await saveIdempotency(store, { ...record, fingerprint: "another" });
    expect((await findIdempotency(store, "k", record.scope))?.fingerprint).toBe("another");
    await age(idempotencyRetentionMs);
    await deleteExpiredIdempotency(store);
    expect(await store.selectFrom("idempotency").selectAll().execute()).toEqual([]);
  });
});
