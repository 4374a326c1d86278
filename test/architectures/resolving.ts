// What a job becomes for an architecture, from the schema of its data alone.
import type { ColumnSchema } from "../../src/contract/dataset.ts";
import { jobRequest, type ResolvedJobRequest } from "../../src/contract/job.ts";
import { DomainError, type Fault } from "../../src/errors.ts";
import { resolveJob, type ResolvedJob } from "../../src/jobs/resolve.ts";
import { columnSchema } from "../datasets/columns.ts";

/** Columns by name; those with a shape are images, those with examples texts, the others numbers. */
type Columns = Record<string, Partial<ColumnSchema>>;

interface Rest {
  rows?: number;
  hyperparameters?: object;
  /** Fields of the request's dataset; by default a class `label` is predicted. */
  dataset?: object;
}

export function resolveWith(
  architecture: object,
  columns: Columns,
  { rows = 500, hyperparameters = {}, dataset = {} }: Rest = {},
): ResolvedJob {
  const schemas = Object.entries(columns).map(([name, given]) => columnSchema(name, typeOf(given), 50, given));
  const request = { architecture, dataset: { id: "ds_1", target: "label", ...dataset }, hyperparameters };
  const label = "window" in dataset ? [] : [columnSchema("label", "category", 10)];
  return resolveJob(
    jobRequest.parse(request),
    { named: { id: "ds_1" }, name: "data", rows, columns: [...schemas, ...label] },
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
  const dataset = features === undefined ? {} : { features };
  return resolveWith(architecture, columns, { hyperparameters, dataset }).request;
}

/** The planned layers: their kinds, output shapes and parameters. */
export function layersOf(architecture: object, columns: Columns, dataset: object = {}) {
  return resolveWith(architecture, columns, { dataset }).plan.layers;
}

/** The faults for which the job is refused. */
export function faultsOf(architecture: object, columns: Columns): readonly Fault[] {
  try {
    resolveWith(architecture, columns);
  } catch (error) {
    if (error instanceof DomainError) return error.faults;
    throw error;
  }
  throw new Error("the job is not refused");
}
