// Jobs: rows in, contract objects out. Status never changes here (job-lifecycle.ts does that).
import type {
  Job,
  JobProgress,
  JobRequest,
  JobResult,
  JobError,
  ResolvedJobRequest,
  JobStatus,
} from "../contract/job.ts";
import type { PageQuery } from "../contract/primitives.ts";
import { DomainError, type Fault } from "../errors.ts";
import { deleteUnreferencedBlobs } from "./blobs.ts";
import { inTransaction, releaseFreePages, type Store, type StoreOrTransaction } from "./database.ts";
import { getDataset, insertDatasetRow, type NewDataset } from "./datasets.ts";
import { appendEvent } from "./events.ts";
import { type IdempotencyRecord, saveIdempotency } from "./idempotency.ts";
import { isTerminal } from "./job-lifecycle.ts";
import type { JobRow, NewJobRow } from "./tables.ts";

export interface NewJob {
  id: string;
  request: ResolvedJobRequest;
  datasetId: string;
  /** Inline rows of the request: the dataset `datasetId`, stored together with the job. */
  rows?: NewDataset | undefined;
  warnings: readonly Fault[];
  progress: JobProgress;
}

/** Stores a queued job; `idempotency` is written in the same transaction. */
export async function insertJob(
  store: Store,
  job: NewJob,
  idempotency?: (created: Job) => IdempotencyRecord,
): Promise<Job> {
  const now = Date.now();
  const row: NewJobRow = {
    id: job.id,
    name: job.request.name,
    status: "queued",
    phase: "queued",
    request: JSON.stringify(job.request),
    warnings: JSON.stringify(job.warnings),
    dataset_id: job.datasetId,
    model_name: job.request.model.name,
    created_at: now,
    attempts: 0,
    progress: JSON.stringify(job.progress),
  };
  return await inTransaction(store, async (transaction) => {
    if (job.rows === undefined) await getDataset(transaction, job.datasetId);
    else await insertDatasetRow(transaction, job.rows);
    const inserted = await transaction.insertInto("job").values(row).returningAll().executeTakeFirstOrThrow();
    await appendEvent(transaction, { jobId: job.id, type: "status", now, data: { status: "queued", phase: "queued" } });
    for (const { code, detail, hint } of job.warnings) {
      await appendEvent(transaction, {
        jobId: job.id,
        type: "log",
        now,
        data: { level: "warn", code, message: detail, hint },
      });
    }
    const created = await toJob(transaction, inserted);
    if (idempotency !== undefined) await saveIdempotency(transaction, idempotency(created));
    return created;
  });
}

/** @throws DomainError `not_found` */
export async function getJob(store: StoreOrTransaction, id: string): Promise<Job> {
  return await toJob(store, await getJobRow(store, id));
}

/** @throws DomainError `not_found` */
export async function getJobRow(store: StoreOrTransaction, id: string): Promise<JobRow> {
  const row = await store.selectFrom("job").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) {
    throw new DomainError("not_found", `There is no job "${id}".`, { hint: "GET /v1/jobs lists those there are." });
  }
  return row;
}

export interface JobFilter extends PageQuery {
  status?: JobStatus | undefined;
  name?: string | undefined;
}

/** Newest first. */
export async function listJobs(
  store: Store,
  { limit, after, status, name }: JobFilter,
): Promise<{ data: Job[]; has_more: boolean }> {
  let query = store
    .selectFrom("job")
    .selectAll()
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("id", "<", after);
  if (status !== undefined) query = query.where("status", "=", status);
  if (name !== undefined) query = query.where("name", "=", name);
  const rows = await query.execute();
  const data: Job[] = [];
  for (const row of rows.slice(0, limit)) data.push(await toJob(store, row));
  return { data, has_more: rows.length > limit };
}

/** @throws DomainError `not_found`, or `conflict` while the job is not finished */
export async function deleteJob(store: Store, id: string): Promise<void> {
  await inTransaction(store, async (transaction) => {
    const row = await getJobRow(transaction, id);
    if (!isTerminal(row.status)) {
      throw new DomainError("conflict", `Job ${id} is ${row.status}.`, { hint: `POST /v1/jobs/${id}/cancel first.` });
    }
    const blobs = await transaction.selectFrom("checkpoint").select("blob").where("job_id", "=", id).execute();
    await transaction.deleteFrom("job").where("id", "=", id).execute();
    await deleteUnreferencedBlobs(
      transaction,
      blobs.map((checkpoint) => checkpoint.blob),
    );
  });
  await releaseFreePages(store);
}

/** How many jobs wait and run. */
export async function countJobs(store: Store): Promise<{ queued: number; running: number }> {
  const rows = await store
    .selectFrom("job")
    .select((query) => ["status", query.fn.countAll<number>().as("count")])
    .where("status", "in", ["queued", "running"])
    .groupBy("status")
    .execute();
  const count = (status: JobStatus) => rows.find((row) => row.status === status)?.count ?? 0;
  return { queued: count("queued"), running: count("running") };
}

async function queuePosition(store: StoreOrTransaction, row: JobRow): Promise<number | null> {
  if (row.status !== "queued") return null;
  const ahead = await store
    .selectFrom("job")
    .select((query) => query.fn.countAll<number>().as("count"))
    .where("status", "=", "queued")
    .where("id", "<", row.id)
    .executeTakeFirstOrThrow();
  return ahead.count + 1;
}

async function toJob(store: StoreOrTransaction, row: JobRow): Promise<Job> {
  const self = `/v1/jobs/${row.id}`;
  const result = row.result === null ? null : (JSON.parse(row.result) as JobResult);
  return {
    id: row.id,
    object: "job",
    name: row.name,
    status: row.status,
    phase: row.phase,
    terminal: isTerminal(row.status),
    created_at: new Date(row.created_at).toISOString(),
    started_at: row.started_at === null ? null : new Date(row.started_at).toISOString(),
    finished_at: row.finished_at === null ? null : new Date(row.finished_at).toISOString(),
    attempts: row.attempts,
    progress: JSON.parse(row.progress) as JobProgress,
    queue_position: await queuePosition(store, row),
    request: JSON.parse(row.request) as JobRequest,
    warnings: JSON.parse(row.warnings) as Fault[],
    result,
    error: row.error === null ? null : (JSON.parse(row.error) as JobError),
    links: {
      self,
      metrics: `${self}/metrics`,
      events: `${self}/events`,
      loss_curve: `${self}/loss.svg`,
      predict: result === null ? null : `/v1/models/${result.model}/versions/${result.version}/predict`,
    },
  };
}
