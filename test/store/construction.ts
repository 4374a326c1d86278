// How the store tests make databases and jobs: real files, migrated, with one dataset to train on.
import { onTestFinished } from "vitest";
import type { ResolvedJobRequest } from "../../src/contract/job.ts";
import type { EpochMetrics } from "../../src/contract/metrics.ts";
import { putBytes } from "../../src/store/blobs.ts";
import { openDatabase, type Store } from "../../src/store/database.ts";
import { insertDataset } from "../../src/store/datasets.ts";
import { newId } from "../../src/store/ids.ts";
import { insertJob } from "../../src/store/jobs.ts";
import { migrate } from "../../src/store/migrate.ts";
import { temporaryDatabase } from "../server.ts";

export const progress = {
  epoch: 0,
  epochs: 10,
  step: 0,
  steps: 10,
  percent: 0,
  eta_seconds: null,
  samples_per_second: null,
};

/** A migrated database for one test, and a way to open more connections to it. */
export async function temporaryStore(): Promise<{ store: Store; path: string; connect: () => Store }> {
  const { path, remove } = temporaryDatabase();
  const opened: Store[] = [];
  const connect = () => {
    const store = openDatabase(path);
    opened.push(store);
    return store;
  };
  onTestFinished(async () => {
    for (const store of opened) await store.destroy();
    remove();
  });
  const store = connect();
  await migrate(store);
  return { store, path, connect };
}

/** A queued job on a dataset of no interest. The store does not look into its request, so a short one will do. */
export async function queueJob(store: Store): Promise<string> {
  const id = newId("job");
  const datasetId = "ds_of_no_interest";
  const present = await store.selectFrom("dataset").select("id").where("id", "=", datasetId).executeTakeFirst();
  if (present === undefined) await storeDataset(store, new Uint8Array(1), datasetId);
  const request = { name: "job", model: { name: "model" } } as ResolvedJobRequest;
  await insertJob(store, { id, request, datasetId, warnings: [], progress });
  return id;
}

export async function storeDataset(
  store: Store,
  bytes: Uint8Array,
  id = newId("ds"),
): Promise<{ id: string; hash: string }> {
  const blob = await putBytes(store, bytes);
  const described = { id, name: "d", format: "csv" as const, rows: 1, columns: [], problems: [], problemCount: 0 };
  await insertDataset(store, { ...described, reading: { files: ["d.csv"] }, suggestedTarget: null, blob });
  return { id, hash: blob.hash };
}

export function epoch(number: number, train_loss: number): EpochMetrics {
  const constant = { validation_loss: null, learning_rate: 0.1, duration_ms: 1, samples_per_second: 1 };
  return { epoch: number, train_loss, ...constant };
}

/** Bytes that differ for every `seed`. */
export function someBytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 17 + (index >> 8)) & 0xff);
}

/** How often the event loop went round until `work` was done. */
export async function countTurns<Result>(work: Promise<Result>): Promise<{ result: Result; turns: number }> {
  let turns = 0;
  let going = true;
  const turn = () => {
    turns += 1;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const result = await work;
  going = false;
  return { result, turns };
}
