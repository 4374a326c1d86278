// Submit and dry run: the whole request is checked against its data before anything is stored.
import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { Config } from "../config.ts";
import type { Dataset } from "../contract/dataset.ts";
import type { Job, JobRequest, jobValidation } from "../contract/job.ts";
import { ingest } from "../datasets/ingest.ts";
import type { IngestedDataset } from "../datasets/ingest-protocol.ts";
import { DatasetError } from "../datasets/problems.ts";
import { DomainError, jsonPointer } from "../errors.ts";
import type { Store } from "../store/database.ts";
import { getDataset, type NewDataset } from "../store/datasets.ts";
import type { IdempotencyRecord } from "../store/idempotency.ts";
import { newId } from "../store/ids.ts";
import { insertJob } from "../store/jobs.ts";
import { workFolderOf } from "../store/table-cache.ts";
import { builtinDataset } from "./builtin-datasets.ts";
import { keepTable } from "./import-dataset.ts";
import { type DatasetFacts, type JobMemory, type ResolvedJob, resolveJob } from "./resolve.ts";
import type { Machine } from "./resolve-threads.ts";

interface SubmitContext {
  store: Store;
  config: Config;
  /** Aborts when the server stops. */
  stopping: AbortSignal;
}

/** A job may plan to use this share of the memory of the machine, or of the control group that the server runs in. What
 * other jobs need is not taken off: which of them run beside this one is not known before it has its turn. */
const memoryShare = 0.8;
const memoryLimit = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) * memoryShare);

/**
 * Checks the request, stores it as a queued job (with its inline rows as a dataset) and returns it.
 * @throws DomainError with every fault; nothing is stored then
 */
export async function submitJob(
  context: SubmitContext,
  request: JobRequest,
  idempotency?: (created: Job) => IdempotencyRecord,
): Promise<Job> {
  return await withDataset(context, request, async (facts, keepData) => {
    const resolved = resolveJob(request, facts, machineOf(context.config));
    checkMemory(resolved);
    const job = {
      id: newId("job"),
      warnings: resolved.warnings,
      progress: {
        epoch: 0,
        epochs: resolved.steps === 0 ? 0 : resolved.request.hyperparameters.epochs,
        step: 0,
        steps: resolved.steps,
        percent: 0,
        eta_seconds: null,
        samples_per_second: null,
      },
    };
    return await keepData((datasetId, rows) => {
      // Inline rows got their id only now; the name of a built-in dataset says more than its id.
      const dataset = rows === undefined ? resolved.request.dataset : { ...resolved.request.dataset, id: datasetId };
      return insertJob(
        context.store,
        { ...job, request: { ...resolved.request, dataset }, datasetId, rows },
        idempotency,
      );
    });
  });
}

/** The dry run: the same checks, nothing stored. @throws DomainError with every fault */
export async function validateJob(
  context: SubmitContext,
  request: JobRequest,
): Promise<z.output<typeof jobValidation>> {
  return await withDataset(context, request, async (facts) => {
    const resolved = resolveJob(request, facts, machineOf(context.config));
    checkMemory(resolved);
    const { plan, sizes, steps, warnings, memory } = resolved;
    const echoed =
      request.dataset.rows === undefined
        ? resolved.request.dataset
        : { ...resolved.request.dataset, id: undefined, rows: request.dataset.rows };
    return {
      object: "job_validation" as const,
      request: { ...resolved.request, dataset: echoed },
      parameter_count: plan.parameterCount,
      memory_bytes: totalBytes(memory),
      memory: {
        network_bytes: memory.network,
        state_bytes: memory.state,
        data_bytes: memory.data,
        limit_bytes: memoryLimit,
      },
      training_rows: sizes.train,
      steps,
      layers: plan.layers.map(({ type, output_shape, parameters }) => ({
        type,
        output_shape: [...output_shape],
        parameters,
      })),
      warnings,
    };
  });
}

/** Calls `insert` with the id of the data; inline rows come along, to be stored in the same transaction as the job. */
type KeepData = <Result>(
  insert: (datasetId: string, rows: NewDataset | undefined) => Promise<Result>,
) => Promise<Result>;

/** Gives `work` the facts about the request's data, and a way to keep inline rows once all else is right. */
async function withDataset<Result>(
  { store, config, stopping }: SubmitContext,
  request: JobRequest,
  work: (facts: DatasetFacts, keepData: KeepData) => Promise<Result>,
): Promise<Result> {
  const { id, builtin, rows } = request.dataset;
  const workFolder = workFolderOf(config.database);
  if (id !== undefined) {
    const dataset = await getDataset(store, id).catch((error: unknown) => {
      throw error instanceof DomainError ? unknownDataset(id) : error;
    });
    return await work(factsOf(dataset, { id }), (insert) => insert(id, undefined));
  }
  if (builtin !== undefined) {
    const dataset = await builtinDataset({ store, workFolder, stopping }, builtin);
    const facts = { ...factsOf(dataset, { builtin }), target: dataset.suggested_target! };
    return await work(facts, (insert) => insert(dataset.id, undefined));
  }
  const read = await ingestRows(rows!, workFolder, stopping);
  const name = request.name ?? "rows";
  try {
    const facts = { named: { id: "" }, name, rows: read.rows, columns: read.columns };
    return await work(facts, (insert) => keepTable(store, read, name, (dataset) => insert(dataset.id, dataset)));
  } finally {
    await rm(read.parquetPath, { force: true });
  }
}

function factsOf({ name, rows, schema }: Dataset, named: DatasetFacts["named"]): DatasetFacts {
  return { named, name, rows, columns: schema.columns };
}

async function ingestRows(
  rows: readonly object[],
  workFolder: string,
  stopping: AbortSignal,
): Promise<IngestedDataset> {
  const folder = join(workFolder, `rows-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const path = join(folder, "rows.json");
    await writeFile(path, JSON.stringify(rows));
    return await ingest(
      { files: [{ path, filename: "rows.json" }], format: "json", workFolder, small: true },
      stopping,
    );
  } catch (error) {
    throw error instanceof DatasetError ? inRequest(error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same faults, pointing into the request that the rows came with. */
function inRequest({ message, problems, problemCount }: DatasetError): DatasetError {
  const faults = problems.flatMap(({ row, column, code, detail, hint, severity }) => {
    if (severity !== "error") return [];
    const place = [row === null ? [] : [row - 1], column === null ? [] : [column]].flat();
    return [{ pointer: jsonPointer(["dataset", "rows", ...place]), code, detail, hint }];
  });
  return new DatasetError(message, [], problemCount, faults);
}

function unknownDataset(id: string): DomainError {
  const detail = `There is no dataset "${id}".`;
  const hint = "Upload it with POST /v1/datasets; GET /v1/datasets lists those there are.";
  return new DomainError("invalid_request", detail, {
    faults: [{ pointer: "/dataset/id", code: "unknown_dataset", detail, hint }],
  });
}

function machineOf({ trainers, trainingThreads }: Config): Machine {
  return { processors: availableParallelism(), jobsAtOnce: trainers * trainingThreads };
}

function checkMemory({ memory }: ResolvedJob): void {
  const needed = totalBytes(memory);
  if (needed > memoryLimit) {
    const detail = `The job needs ${megabytes(needed)} MiB (network ${megabytes(memory.network)}, copies of its state ${megabytes(memory.state)}, data ${megabytes(memory.data)}), more than the ${megabytes(memoryLimit)} MiB a job may use here.`;
    throw new DomainError("out_of_memory", detail, { hint: "Use fewer units, a smaller batch_size, or fewer rows." });
  }
  if (memory.network > memory.mostNetwork) {
    const detail = `The network needs ${megabytes(memory.network)} MiB, more than the ${megabytes(memory.mostNetwork)} MiB that float32 kernels can address.`;
    const hint =
      'Use fewer units or a smaller batch_size, or "precision": "float64", which is slower but has no such limit.';
    throw new DomainError("out_of_memory", detail, { hint });
  }
}

function totalBytes({ network, state, data }: JobMemory): number {
  return network + state + data;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
