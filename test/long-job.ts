// A job that trains for some seconds with several checkpoints and uses everything random there is, so that an inexact
// resume shows: shuffled rows, dropout, adam, averaged weights, the best epoch's.
import { createGenerator, uniform } from "../src/engine/random.ts";
import type { Job } from "../src/contract/job.ts";
import type { EpochMetrics } from "../src/contract/metrics.ts";
import { type Answer, eventually } from "./server.ts";

/** What both kinds of test server offer. */
export interface Service {
  api<Body = any>(method: string, path: string, body?: unknown): Promise<Answer<Body>>;
}

/** Rows of eight numbers in two classes that no plane separates; the same rows every time. */
export function generatedRows(count: number): Record<string, number | string>[] {
  const generator = createGenerator(7, "initialisation");
  return Array.from({ length: count }, () => {
    const values = Array.from({ length: 8 }, () => Math.round((uniform(generator) * 2 - 1) * 1000) / 1000);
    const label = Math.hypot(...values.slice(0, 3)) < 1 ? "inner" : "outer";
    return { ...Object.fromEntries(values.map((value, column) => [`x${column}`, value])), label };
  });
}

/** The dataset of the long jobs on each server: uploaded once, because reading rows takes a process. */
const uploaded = new WeakMap<Service, Promise<string>>();

/** Its id. */
export async function datasetOf(service: Service): Promise<string> {
  const upload = () =>
    service
      .api("POST", "/v1/datasets", { name: "long", rows: generatedRows(240) })
      .then(({ body }) => body.id as string);
  const id = uploaded.get(service) ?? upload();
  uploaded.set(service, id);
  return await id;
}

const small = { hidden: [64, 64], batch_size: 8, threads: 1 };
/** Few steps, each worth sharing: on a busy machine two threads wait long for each other. */
export const shared = { hidden: [96, 96], batch_size: 84, threads: 2 };

/** All that a training keeps beside its weights; the patience is never at its end. */
const everything = {
  label_smoothing: 0.1,
  class_weight: "balanced",
  weight_average: { decay: 0.99 },
  early_stopping: { patience: 1_000_000 },
  schedule: { type: "one_cycle" },
};

/** Submits a job of `epochs` epochs, each about 8 ms on the reference kernels. */
export async function submitLong(service: Service, epochs: number, model = "long", size = small): Promise<Job> {
  return await submit(service, {
    name: model,
    model: { name: model },
    architecture: { type: "mlp", hidden: size.hidden, dropout: 0.2 },
    dataset: { id: await datasetOf(service), target: "label" },
    hyperparameters: { epochs, batch_size: size.batch_size, threads: size.threads, ...everything },
  });
}

/** Submits the body; fails the test unless it is accepted. */
export async function submit(service: Service, body: unknown): Promise<Job> {
  const answer = await service.api<Job>("POST", "/v1/jobs", body);
  if (answer.status !== 202) throw new Error(`refused with ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The job once its status is final. */
export async function waitForEnd(service: Service, jobId: string): Promise<Job> {
  return await eventually(`${jobId} ends`, async () => {
    const { body } = await service.api<Job>("GET", `/v1/jobs/${jobId}?wait=10`);
    return body.terminal && body;
  });
}

export async function getJob(service: Service, jobId: string): Promise<Job> {
  return (await service.api<Job>("GET", `/v1/jobs/${jobId}`)).body;
}

/** Waits until so many epochs were shown. */
export async function waitForEpoch(service: Service, jobId: string, epoch: number): Promise<void> {
  await eventually(`epoch ${epoch} of ${jobId}`, async () => (await getJob(service, jobId)).progress.epoch >= epoch);
}

/** A running job that has stored a checkpoint as the trainer does every 2 s; needs one of 800 epochs or more. */
export async function jobWithCheckpoint(service: Service, epochs: number): Promise<Job> {
  const job = await submitLong(service, epochs);
  await eventually(`${job.id} has a checkpoint`, async () => {
    return (await service.api("GET", `/v1/jobs/${job.id}/checkpoints`)).body.data.length > 0;
  });
  return job;
}

/** The same without waiting for 2 s: a pause stores a checkpoint at once. The job then runs on for some epochs. It must be
 * long enough not to end while the test, on a busy machine, has yet to see that. */
export async function jobPausedOnce(service: Service, epochs: number, size = small): Promise<Job> {
  const { id } = await submitLong(service, epochs, "long", size);
  await waitForEpoch(service, id, 15);
  await service.api("POST", `/v1/jobs/${id}/pause`);
  const paused = await eventually(`${id} is paused`, async () => {
    const job = await getJob(service, id);
    return job.status === "paused" && job;
  });
  await service.api("POST", `/v1/jobs/${id}/resume`);
  await waitForEpoch(service, id, paused.progress.epoch + 5);
  return paused;
}

export async function epochsOf(service: Service, jobId: string): Promise<EpochMetrics[]> {
  return (await service.api("GET", `/v1/jobs/${jobId}/metrics`)).body.data as EpochMetrics[];
}

/** What must come out equal to the last bit, however often a run was interrupted; times are not among it. */
export async function outcomeOf(service: Service, job: Job) {
  const { model, version, metrics } = job.result!;
  const parameters = await service.api("GET", `/v1/models/${model}/versions/${version}/parameters`);
  if (parameters.body.data?.length !== 3) throw new Error(`not the weights of three layers: ${parameters.status}`);
  const losses = (await epochsOf(service, job.id)).map(
    ({ duration_ms: _duration, samples_per_second: _speed, ...measured }) => measured,
  );
  return { parameters: parameters.body.data as unknown, losses, metrics };
}
