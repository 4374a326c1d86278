// What a job becomes for an architecture, from the schema of its data alone.
import type { ColumnSchema } from "../../src/contract/dataset.ts";
import { jobRequest, type ResolvedJobRequest } from "../../src/contract/job.ts";
import { DomainError, type Fault } from "../../src/errors.ts";
import { resolveJob, type ResolvedJob } from "../../src/jobs/resolve.ts";
import { columnSchema } from "../datasets/columns.ts";

/** Columns by name; those with a shape are images, those with examples texts, the others numbers. */
type Columns = Record<string, Partial<ColumnSchema>>;

function resolve(architecture: object, columns: Columns, hyperparameters: object, dataset: object): ResolvedJob {
  const schemas = Object.entries(columns).map(([name, given]) => columnSchema(name, typeOf(given), 50, given));
  const request = { architecture, dataset: { id: "ds_1", target: "label", ...dataset }, hyperparameters };
  const facts = { named: { id: "ds_1" }, name: "data", rows: 500 };
  return resolveJob(
    jobRequest.parse(request),
    { ...facts, columns: [...schemas, columnSchema("label", "category", 10)] },
    { processors: 1, jobsAtOnce: 1 },
  );
}

const typeOf = ({ type, shape, examples }: Partial<ColumnSchema>) =>
  type ?? (shape === undefined ? (examples === undefined ? "number" : "text") : "image");

export function resolvedBy(
  architecture: object,
  columns: Columns,
  hyperparameters: object = {},
  features?: object[],
): ResolvedJobRequest {
  return resolve(architecture, columns, hyperparameters, features === undefined ? {} : { features }).request;
}

/** The planned layers: their kinds, output shapes and parameters. */
export function layersOf(architecture: object, columns: Columns) {
  return resolve(architecture, columns, {}, {}).plan.layers;
}

/** The faults for which the job is refused. */
export function faultsOf(architecture: object, columns: Columns): readonly Fault[] {
  try {
    resolve(architecture, columns, {}, {});
  } catch (error) {
    if (error instanceof DomainError) return error.faults;
    throw error;
  }
  throw new Error("the job is not refused");
}
