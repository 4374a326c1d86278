// Models: names and their immutable versions.
import type { Transaction } from "kysely";
import type { PageQuery } from "../contract/primitives.ts";
import { DomainError } from "../errors.ts";
import { type Blob, deleteUnreferencedBlobs } from "./blobs.ts";
import { inTransaction, releaseFreePages, type Store } from "./database.ts";
import type { ModelVersionRow, Tables } from "./tables.ts";

export interface NewVersion {
  modelName: string;
  jobId: string;
  record: unknown;
  weights: Blob;
}

/** Appends the next version of a name. Called in the transaction that ends the job: a job has one version or none. */
export async function insertVersion(
  transaction: Transaction<Tables>,
  { modelName, jobId, record, weights }: NewVersion,
): Promise<number> {
  const now = Date.now();
  const { latest_version: version } = await transaction
    .insertInto("model")
    .values({ name: modelName, created_at: now, latest_version: 1 })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet((query) => ({ latest_version: query("model.latest_version", "+", 1) })),
    )
    .returning("latest_version")
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto("model_version")
    .values({
      model_name: modelName,
      version,
      job_id: jobId,
      created_at: now,
      record: JSON.stringify(record),
      blob: weights.hash,
      size_bytes: weights.sizeBytes,
    })
    .execute();
  return version;
}

/** The row of a version, the newest when none is named. @throws DomainError `not_found` */
export async function getVersionRow(store: Store, modelName: string, version?: number): Promise<ModelVersionRow> {
  let query = store.selectFrom("model_version").selectAll().where("model_name", "=", modelName);
  query = version === undefined ? query.orderBy("version", "desc").limit(1) : query.where("version", "=", version);
  const row = await query.executeTakeFirst();
  if (row !== undefined) return row;
  const versions = await store
    .selectFrom("model_version")
    .select("version")
    .where("model_name", "=", modelName)
    .execute();
  const detail =
    versions.length === 0 ? `There is no model "${modelName}".` : `Model "${modelName}" has no version ${version}.`;
  const hint =
    versions.length === 0
      ? "GET /v1/models lists those there are."
      : `It has: ${versions.map(({ version: known }) => known).join(", ")}.`;
  throw new DomainError("not_found", detail, { hint });
}

/** Versions of a name, newest first. */
export async function listVersionRows(store: Store, modelName: string): Promise<ModelVersionRow[]> {
  return await store
    .selectFrom("model_version")
    .selectAll()
    .where("model_name", "=", modelName)
    .orderBy("version", "desc")
    .limit(100)
    .execute();
}

/** Names in alphabetical order. */
export async function listModelRows(store: Store, { limit, after }: PageQuery) {
  let query = store
    .selectFrom("model")
    .selectAll()
    .orderBy("name")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("name", ">", after);
  const rows = await query.execute();
  return { rows: rows.slice(0, limit), has_more: rows.length > limit };
}

/** @throws DomainError `not_found` */
export async function getModelRow(store: Store, name: string) {
  const row = await store.selectFrom("model").selectAll().where("name", "=", name).executeTakeFirst();
  if (row === undefined) {
    throw new DomainError("not_found", `There is no model "${name}".`, {
      hint: "GET /v1/models lists those there are.",
    });
  }
  return row;
}

/** Deletes a model with all its versions. @throws DomainError `not_found` */
export async function deleteModel(store: Store, name: string): Promise<void> {
  await getModelRow(store, name);
  await inTransaction(store, async (transaction) => {
    const blobs = await transaction.selectFrom("model_version").select("blob").where("model_name", "=", name).execute();
    await transaction.deleteFrom("model").where("name", "=", name).execute();
    await deleteUnreferencedBlobs(
      transaction,
      blobs.map((version) => version.blob),
    );
  });
  await releaseFreePages(store);
}
