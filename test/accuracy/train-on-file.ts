// Uploads files, trains on them through the HTTP API and gives the finished job: what every accuracy proof does.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Dataset } from "../../src/contract/dataset.ts";
import type { Job } from "../../src/contract/job.ts";
import type { RunningServer } from "../server.ts";

export interface TrainingTask {
  /** More than one for images and labels in files of their own, or for the parts of a split. */
  files: readonly URL[];
  /** Makes what is uploaded of the content of each file; default: as it is. */
  prepare?: ((content: Uint8Array) => Uint8Array) | undefined;
  /** What it is uploaded as; default: as each file is called. */
  filename?: string | undefined;
  /** Options of the upload. */
  options?: object | undefined;
  target: string;
  architecture: Record<string, unknown>;
  hyperparameters: Record<string, unknown>;
  /** Default: every usable column. */
  features?: readonly (string | object)[] | undefined;
  split?: object | undefined;
  window?: object | undefined;
  targetTokens?: object | undefined;
  model?: object | undefined;
}

/** The job at its end. Throws with the problem when upload or job is refused. */
export async function trainOnFiles(
  server: RunningServer,
  {
    files,
    prepare = (content) => content,
    filename,
    options,
    target,
    architecture,
    hyperparameters,
    features,
    split,
    window,
    targetTokens,
    model,
  }: TrainingTask,
): Promise<Job> {
  const form = new FormData();
  for (const file of files) {
    const content = new Blob([prepare(await readFile(file))]);
    form.append("file", content, filename ?? basename(file.pathname));
  }
  if (options !== undefined) form.append("options", JSON.stringify(options));
  const upload = await fetch(`${server.url}/v1/datasets`, { method: "POST", body: form });
  const dataset = (await upload.json()) as Dataset;
  if (!upload.ok) throw new Error(JSON.stringify(dataset));
  const request = {
    architecture,
    dataset: { id: dataset.id, target, features, split, window, target_tokens: targetTokens },
    hyperparameters: { seed: 42, ...hyperparameters },
    model,
  };
  const { status, body } = await server.api<Job>("POST", "/v1/jobs", request);
  if (status !== 202) throw new Error(JSON.stringify(body));
  let job = body;
  while (!job.terminal) job = await whenChanged(server, job);
  return job;
}

/** Polls once; a connection that the server closed while the machine stood still is no reason to lose an hour's run. */
async function whenChanged(server: RunningServer, job: Job): Promise<Job> {
  try {
    return (await server.api<Job>("GET", `${job.links.self}?wait=20`)).body;
  } catch (error) {
    if (error instanceof TypeError && error.message === "fetch failed") return job;
    throw error;
  }
}
