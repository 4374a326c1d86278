// The registry: names and versions as the API shows them.
import type { Model, ModelVersion } from "../contract/model.ts";
import type { PageQuery } from "../contract/primitives.ts";
import { describeFeatures } from "../datasets/features/encode.ts";
import type { Store } from "../store/database.ts";
import { getModelRow, getVersionRow, listModelRows, listVersionRows } from "../store/models.ts";
import type { ModelRow, ModelVersionRow } from "../store/tables.ts";
import { resolveDecoding } from "./text-writer.ts";
import type { VersionRecord } from "./version-record.ts";

/** @throws Error when the record was written by a newer deltarule */
export function readRecord(row: ModelVersionRow): VersionRecord {
  const record = JSON.parse(row.record) as VersionRecord;
  if (record.format !== 1)
    throw new Error(
      `version ${row.version} of ${row.model_name} has the unknown record format ${String(record.format)}`,
    );
  return record;
}

export function describeVersion(row: ModelVersionRow): ModelVersion {
  const record = readRecord(row);
  const self = `/v1/models/${row.model_name}/versions/${row.version}`;
  return {
    object: "model_version",
    model: row.model_name,
    version: row.version,
    created_at: new Date(row.created_at).toISOString(),
    job_id: row.job_id,
    architecture: record.architecture,
    task: record.task,
    parameter_count: record.parameterCount,
    size_bytes: row.size_bytes,
    kernels: record.kernels,
    inputs: describeFeatures(record.features),
    ...(record.features.window !== undefined && { window: record.features.window }),
    ...(record.target.kind === "text" && { decoding: decodingOf(record) }),
    extra_fields: record.features.policy?.extra_fields ?? "refuse",
    missing_fields: record.features.policy?.missing_fields ?? "refuse",
    target: describeTarget(record.target),
    metrics: record.metrics,
    links: {
      self,
      predict: `${self}/predict`,
      parameters: `${self}/parameters`,
      evaluation: `${self}/evaluation`,
      job: `/v1/jobs/${row.job_id}`,
    },
  };
}

function describeTarget(target: VersionRecord["target"]): ModelVersion["target"] {
  if (target.kind === "number") return { names: target.names };
  if (target.kind === "inputs") return { names: [] };
  return { names: [target.name], ...(target.kind !== "text" && { classes: target.classes }) };
}

/** @throws DomainError `not_found` */
export async function describeModel(store: Store, name: string): Promise<Model> {
  return toModel(await getModelRow(store, name), await listVersionRows(store, name));
}

function toModel(row: ModelRow, versions: readonly ModelVersionRow[]): Model {
  const { name } = row;
  return {
    object: "model",
    name,
    created_at: new Date(row.created_at).toISOString(),
    latest_version: row.latest_version,
    versions: versions.map(describeVersion),
    links: { self: `/v1/models/${name}`, predict: `/v1/models/${name}/predict` },
  };
}

export async function listModels(store: Store, page: PageQuery): Promise<{ data: Model[]; has_more: boolean }> {
  const { rows, has_more } = await listModelRows(store, page);
  const data = rows.map(async (row) => toModel(row, [await getVersionRow(store, row.name)]));
  return { data: await Promise.all(data), has_more };
}

/** How texts are written where a call does not say; those that are heard have no length penalty. */
function decodingOf({ head, decoding }: VersionRecord): ModelVersion["decoding"] {
  const { beam_width, length_penalty } = resolveDecoding({}, decoding);
  return head.loss === "ctc" ? { beam_width } : { beam_width, length_penalty };
}
