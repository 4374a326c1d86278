// Makes one run of the accuracy table and says what it reached.
import type { RunningServer } from "../server.ts";
import { type AccuracyDataset, accuracyDatasets, dataFolder } from "./datasets.ts";
import type { AccuracyRun } from "./runs.ts";
import { trainOnFiles } from "./train-on-file.ts";

export interface Reached {
  /** The mean over the seeds. */
  value: number;
  values: number[];
  /** Wall time of upload and training, all seeds together. */
  seconds: number;
  isReached: boolean;
}

/** Throws when a job fails or is refused. */
export async function reach(server: RunningServer, run: AccuracyRun): Promise<Reached> {
  const { set, architecture, epochs, hyperparameters, metric, required, bound, seeds = [42] } = run;
  const { files, ...dataset }: AccuracyDataset = accuracyDatasets[set];
  const started = performance.now();
  const values: number[] = [];
  for (const seed of seeds) {
    const job = await trainOnFiles(server, {
      ...dataset,
      files: files.map((file) => new URL(file, dataFolder)),
      architecture,
      hyperparameters: { ...hyperparameters, epochs, seed },
    });
    const value = job.result?.metrics[metric];
    if (typeof value !== "number") throw new Error(`${set}: ${JSON.stringify(job.error ?? job.result)}`);
    values.push(value);
  }
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  return { value, values, seconds, isReached: bound === "most" ? value <= required : value >= required };
}
