// One claimed job: its data is unpacked, its thread runs, every message is written under the attempt token, in order.
import type { JobError, ResolvedJobRequest } from "../contract/job.ts";
import { readTable } from "../datasets/read-table.ts";
import { decodeCheckpoint } from "../engine/checkpoint.ts";
import type { Tier } from "../engine/kernels/tiers.ts";
import { DomainError } from "../errors.ts";
import { unpackTable } from "../store/table-cache.ts";
import { publishVersion } from "../models/publish.ts";
import { getBytes } from "../store/blobs.ts";
import { insertCheckpoint, listCheckpoints } from "../store/checkpoints.ts";
import { inTransaction, type Store } from "../store/database.ts";
import { getDataset, getDatasetBlob } from "../store/datasets.ts";
import { transition, type TransitionName } from "../store/job-lifecycle.ts";
import { getJobRow } from "../store/jobs.ts";
import { type Claim, isSuspect, StaleAttemptError } from "../store/leases.ts";
import { recordEpochs, recordLearningRate, recordPhase, recordProgress, recordWarning } from "../store/progress.ts";
import type { JobRow } from "../store/tables.ts";
import { type JobMessage, JobThreads } from "./job-threads.ts";
import { controlWords, type TrainingInput } from "./thread-protocol.ts";

export interface TrainerContext {
  store: Store;
  workFolder: string;
  kernels: Tier;
  /** Tells the server that there is news of a job. */
  announce: (jobId: string) => void;
  log: (level: "info" | "warn" | "error", message: string, details?: Record<string, unknown>) => void;
}

/** Why a running job was told to stop; decides how long it may take. */
export type StopReason = "cancel" | "pause" | "shutdown";

/** A thread that has not handed over its checkpoint in this time is ended without. */
const stopPatienceMs: Record<Exclude<StopReason, "cancel">, number> = { pause: 10_000, shutdown: 5_000 };

/**
 * One attempt at one job in this trainer, from its claim until the job has left: finished, failed, given back, or lost.
 * Messages of its thread are written one after the other; whatever fails, `ended` resolves and never rejects.
 */
export class RunningJob {
  readonly id: string;
  readonly attemptToken: string;
  /** Threads it computes with. */
  readonly threads: number;
  /** True when nothing else may run beside it. */
  readonly alone: boolean;
  /** Resolves when the job has left this trainer, whatever way; never rejects. */
  readonly ended: Promise<void>;
  readonly #context: TrainerContext;
  readonly #claim: Claim;
  readonly #control = new SharedArrayBuffer(8);
  readonly #words = new Int32Array(this.#control);
  #threads: JobThreads | undefined;
  #stopReason: StopReason | undefined;
  #writes: Promise<void> = Promise.resolve();
  #over = false;
  /** Aborted when the job has left: a checkpoint half stored is not stored to its end. */
  readonly #left = new AbortController();
  #resolveEnded: () => void = () => {};

  constructor(context: TrainerContext, claim: Claim) {
    this.id = claim.job.id;
    this.attemptToken = claim.attemptToken;
    this.threads = threadsOf(claim.job);
    this.alone = isSuspect(claim.job);
    this.#context = context;
    this.#claim = claim;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Loads the data and starts the thread. */
  async start(): Promise<void> {
    try {
      const input = await this.#prepare();
      if (this.#over) return;
      if (this.#stopReason !== undefined) return this.#write(() => this.#leaveStopped());
      this.#run(input);
    } catch (error) {
      this.#write(async () => {
        if (isPassing(error)) throw error;
        this.#logStack(error);
        await this.#fail(describeFailure(error));
      });
    }
  }

  /** Asks the thread to stop at its next step. A later reason replaces an earlier one, but nothing replaces a cancel. */
  stop(reason: StopReason): void {
    if (this.#over || this.#stopReason === reason || this.#stopReason === "cancel") return;
    this.#stopReason = reason;
    if (reason === "cancel") return void this.#cancel();
    Atomics.store(this.#words, controlWords.stop, 1);
    setTimeout(() => {
      if (this.#over) return;
      this.#write(() => this.#leaveStopped());
    }, stopPatienceMs[reason]).unref();
  }

  /** Waits for nothing, neither a step nor a checkpoint nor the writes before: what they still write is fenced off. */
  async #cancel(): Promise<void> {
    void this.#threads?.end();
    try {
      await this.#leave(() => "cancel", {});
    } catch (error) {
      // The wish stays in the database: whoever rescues the job carries it out.
      this.#context.log("error", "cannot cancel", { job: this.id, error: String(error) });
      this.#end();
    }
  }

  /** The lease is lost: whatever the thread does counts no more. */
  abandon(): void {
    this.#end();
  }

  async #prepare(): Promise<TrainingInput> {
    const { store, workFolder, kernels } = this.#context;
    const { job } = this.#claim;
    const request = JSON.parse(job.request) as ResolvedJobRequest;
    const { schema, reading } = await getDataset(store, job.dataset_id);
    const columns = schema.columns;
    const path = await unpackTable(store, workFolder, await getDatasetBlob(store, job.dataset_id));
    const table = await readTable(path, columns, columnsUsed(request));
    const checkpoint = await this.#loadCheckpoint();
    return { request, columns, table, reading, checkpoint, kernels, control: this.#control };
  }

  /** The newest checkpoint that is whole; a damaged one is passed over and said. */
  async #loadCheckpoint(): Promise<Uint8Array | null> {
    const { store } = this.#context;
    for (const row of await listCheckpoints(store, this.id)) {
      try {
        const bytes = await getBytes(store, row.blob);
        decodeCheckpoint(bytes);
        return bytes;
      } catch (error) {
        if (isPassing(error)) throw error;
        const message = `Checkpoint ${row.id} is damaged (${String(error)}); the one before it is used.`;
        await recordWarning(store, { jobId: this.id, attemptToken: this.attemptToken }, message);
      }
    }
    return null;
  }

  #run(input: TrainingInput): void {
    this.#threads = new JobThreads(this.id, input, {
      message: (message) => this.#write(() => this.#handle(message)),
      error: (error) => {
        this.#logStack(error);
        this.#write(() => this.#fail(describeFailure(error)));
      },
      exit: (code) =>
        this.#write(() =>
          this.#stopReason === undefined
            ? this.#fail({ code: "training_failed", message: `A training thread ended with code ${code}.`, hint: null })
            : this.#leaveStopped(),
        ),
    });
  }

  /** Queues a write behind those before it. A stale attempt or an unexpected error ends the job's stay here. */
  #write(work: () => Promise<void>): void {
    this.#writes = this.#writes
      .then(() => (this.#over ? undefined : work()))
      .catch((error: unknown) => {
        if (this.#over) return; // a write that was under way when the job left
        const stale = error instanceof StaleAttemptError;
        this.#context.log(stale ? "warn" : "error", stale ? "lost the job" : "cannot go on with the job", {
          job: this.id,
          error: String(error),
        });
        // Without an answer from the database the lease runs out and another attempt goes on from the last checkpoint.
        this.#end();
      });
  }

  async #handle(message: JobMessage): Promise<void> {
    const { store, announce } = this.#context;
    const attempt = { jobId: this.id, attemptToken: this.attemptToken };
    switch (message.kind) {
      case "phase":
        await recordPhase(store, attempt, message.phase);
        break;
      case "epochs":
        await recordEpochs(store, attempt, message.epochs, message.progress);
        break;
      case "progress":
        await recordProgress(store, attempt, message.progress);
        break;
      case "learning_rate":
        await recordLearningRate(store, attempt, message.found);
        break;
      case "warning":
        await recordWarning(store, attempt, message.message);
        break;
      case "checkpoint":
        await insertCheckpoint(store, { ...attempt, ...message }, this.#left.signal);
        Atomics.store(this.#words, controlWords.checkpointPending, 0);
        break;
      case "stopped":
        await this.#leaveStopped();
        break;
      case "trained":
        await recordPhase(store, attempt, "publishing");
        await publishVersion(store, attempt, this.#claim.job.model_name, message.model);
        this.#end();
        break;
      case "failed":
        await this.#fail(message.error);
        break;
    }
    announce(this.id);
  }

  async #fail(error: JobError): Promise<void> {
    await this.#leave(() => "fail", { error: JSON.stringify(error) });
  }

  /** Where to is what was asked of the job last, and that only the database knows: it may have changed since the stop. */
  async #leaveStopped(): Promise<void> {
    await this.#leave((job) => job.requested_action ?? "release", {});
  }

  async #leave(choose: (job: JobRow) => TransitionName, set: { error?: string }): Promise<void> {
    await inTransaction(this.#context.store, async (transaction) => {
      const name = choose(await getJobRow(transaction, this.id));
      await transition(transaction, this.id, name, { attemptToken: this.attemptToken, now: Date.now(), set });
    });
    this.#end();
  }

  /** People are told what failed; where, only the log says. An expected failure needs no place. */
  #logStack(error: unknown): void {
    if (error instanceof DomainError) return;
    const stack = error instanceof Error ? error.stack : String(error);
    this.#context.log("error", "unexpected error in a job", { job: this.id, stack });
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#left.abort();
    this.#context.announce(this.id);
    const ended = this.#threads?.end() ?? Promise.resolve();
    void ended.then(() => this.#resolveEnded());
  }
}

/** Features, targets and what the rows are split by; other columns are not even read. */
function columnsUsed({ dataset }: ResolvedJobRequest): Set<string> {
  const features = dataset.features ?? [];
  const { column, group, time } = dataset.split ?? {};
  return new Set([
    ...[column, group, time].filter((name) => typeof name === "string"),
    ...[dataset.target ?? []].flat(),
    ...features.map((feature) => (typeof feature === "string" ? feature : feature.name)),
  ]);
}

/** As the request says; one that cannot be read fails where it is needed. */
function threadsOf({ request }: JobRow): number {
  try {
    const { hyperparameters } = JSON.parse(request) as Partial<ResolvedJobRequest>;
    return Number(hyperparameters?.threads ?? 1);
  } catch {
    return 1;
  }
}

/** Whether the database or the file system failed, which may pass: that is no fault of the job. */
function isPassing(error: unknown): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return typeof errno === "number" || (typeof code === "string" && code.startsWith("SQLITE_"));
}

function describeFailure(error: unknown): JobError {
  if (error instanceof DomainError) return { code: error.code, message: error.message, hint: error.hint ?? null };
  const { message, code } = error as { message?: string; code?: string };
  if (
    code === "ERR_WORKER_OUT_OF_MEMORY" ||
    /Array buffer allocation failed|Invalid typed array length/.test(message ?? "")
  ) {
    return {
      code: "out_of_memory",
      message: "The job needs more memory than there is.",
      hint: "Use a smaller network, batch_size or dataset.",
    };
  }
  return { code: "training_failed", message: `Training failed: ${message ?? String(error)}`, hint: null };
}
