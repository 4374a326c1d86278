// Everything that crosses the boundary between the trainer's main thread and the threads of a job.
import type { ColumnSchema } from "../contract/dataset.ts";
import type { JobError, JobPhase, JobProgress, ResolvedJobRequest } from "../contract/job.ts";
import type { EpochMetrics } from "../contract/metrics.ts";
import type { CellReading } from "../datasets/features/encode.ts";
import type { Table } from "../datasets/table.ts";
import type { Tier } from "../engine/kernels/tiers.ts";
import type { Team } from "../engine/parallel.ts";
import type { NetworkSpec, PlanOptions } from "../engine/plan.ts";
import type { RangeTest } from "../engine/range-test.ts";
import type { Publication } from "../models/publish.ts";

/** What a training thread is given when it starts. */
export interface TrainingInput {
  request: ResolvedJobRequest;
  columns: ColumnSchema[];
  table: Table;
  reading: CellReading;
  /** Where to go on; null begins at the first epoch. */
  checkpoint: Uint8Array | null;
  kernels: Tier;
  control: SharedArrayBuffer;
}

/** What a thread is given that computes a part of every batch of another one's training. */
export interface FollowerInput {
  network: NetworkSpec;
  options: PlanOptions;
  kernels: Tier;
  /** Name of the leader's kernels. */
  kernelsName: string;
  team: Team;
}

/** Words of the shared control block: written by one side, polled by the other without a message. */
export const controlWords = {
  /** Set by the main thread: stop at the next step and hand over a checkpoint. */
  stop: 0,
  /** Set by the thread when it posts a checkpoint, cleared by the main thread once it is stored. */
  checkpointPending: 1,
} as const;

export type ThreadMessage =
  /** Asks for threads to compute with; the leader waits for them. */
  | { kind: "followers_wanted"; count: number; follower: FollowerInput }
  | { kind: "phase"; phase: JobPhase }
  | { kind: "epochs"; epochs: EpochMetrics[]; progress: JobProgress }
  | { kind: "progress"; progress: JobProgress }
  /** What the job had left to the range test. */
  | { kind: "learning_rate"; found: RangeTest }
  /** Something people should know of this attempt. */
  | { kind: "warning"; message: string }
  | { kind: "checkpoint"; epoch: number; step: number; bytes: Uint8Array }
  /** After a stop was asked for; the last message. */
  | { kind: "stopped" }
  | { kind: "trained"; model: Publication }
  | { kind: "failed"; error: JobError };

/** A message and the buffers that move with it instead of being copied. */
export type Post = (message: ThreadMessage, transfer?: ArrayBuffer[]) => void;
