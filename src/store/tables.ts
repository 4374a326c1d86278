// The tables as Kysely sees them. Times are integer milliseconds since 1970, JSON is text, flags are 0/1: equal on every database.
import type { Generated, Insertable, Selectable } from "kysely";
import type { JobPhase, JobStatus } from "../contract/job.ts";
import type { EventType } from "../contract/event.ts";

export interface Tables {
  server_owner: OwnerTable;
  blob: BlobTable;
  blob_chunk: BlobChunkTable;
  dataset: DatasetTable;
  job: JobTable;
  event: EventTable;
  checkpoint: CheckpointTable;
  model: ModelTable;
  model_version: ModelVersionTable;
  evaluation: EvaluationTable;
  idempotency: IdempotencyTable;
}

/** One row: the server that holds this database, for the message a second one prints. */
interface OwnerTable {
  id: 1;
  pid: number;
  host: string;
  url: string | null;
  started_at: number;
}

/** Bytes named by their SHA-256. Visible to readers only when `complete`. */
interface BlobTable {
  hash: string;
  size_bytes: number;
  complete: number;
  created_at: number;
}

interface BlobChunkTable {
  hash: string;
  position: number;
  bytes: Uint8Array;
}

interface DatasetTable {
  id: string;
  name: string;
  format: string;
  rows: number;
  columns: string;
  problems: string;
  problem_count: number;
  suggested_target: string | null;
  reading: string;
  blob: string;
  size_bytes: number;
  created_at: number;
}

interface JobTable {
  id: string;
  name: string;
  status: JobStatus;
  phase: JobPhase;
  request: string;
  warnings: string;
  dataset_id: string;
  model_name: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  /** What a person asked of a running job; the trainer carries it out. */
  requested_action: "cancel" | "pause" | null;
  /** How often a trainer took it up. */
  attempts: number;
  /** How often its trainer died under it while the server lived. */
  crashes: Generated<number>;
  /** How often in a row the server ended under it before it had shown anything new. */
  restarts: Generated<number>;
  /** Names the present attempt; a write with another token changes nothing. */
  attempt_token: string | null;
  trainer_id: string | null;
  lease_until: number | null;
  progress: string;
  result: string | null;
  error: string | null;
}

interface EventTable {
  sequence: Generated<number>;
  job_id: string;
  type: EventType;
  /** Set on metric events: one per job and epoch. */
  epoch: number | null;
  created_at: number;
  data: string;
}

interface CheckpointTable {
  id: string;
  job_id: string;
  epoch: number;
  step: number;
  blob: string;
  size_bytes: number;
  created_at: number;
}

interface ModelTable {
  name: string;
  created_at: number;
  latest_version: number;
}

interface ModelVersionTable {
  model_name: string;
  version: number;
  job_id: string;
  created_at: number;
  /** Network, encoders, target and evaluation as one JSON record (models/version-record.ts). */
  record: string;
  blob: string;
  size_bytes: number;
}

/** One for each version that was trained here. */
interface EvaluationTable {
  model_name: string;
  version: number;
  /** Of the dataset whose rows it was evaluated on; the dataset may be gone. */
  dataset_id: string;
  report: string;
}

interface IdempotencyTable {
  key: string;
  scope: string;
  fingerprint: string;
  status: number;
  location: string | null;
  body: string;
  created_at: number;
}

export type JobRow = Selectable<JobTable>;
export type NewJobRow = Insertable<JobTable>;
export type DatasetRow = Selectable<DatasetTable>;
export type EventRow = Selectable<EventTable>;
export type CheckpointRow = Selectable<CheckpointTable>;
export type ModelRow = Selectable<ModelTable>;
export type ModelVersionRow = Selectable<ModelVersionTable>;
export type EvaluationRow = Selectable<EvaluationTable>;
