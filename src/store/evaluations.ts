// Evaluations: one for each version that was trained here, kept as it was computed.
import type { Transaction } from "kysely";
import { DomainError } from "../errors.ts";
import type { Store } from "./database.ts";
import type { EvaluationRow, Tables } from "./tables.ts";

export interface NewEvaluation {
  modelName: string;
  version: number;
  /** Its dataset is the one that was evaluated on. */
  jobId: string;
  report: unknown;
}

/** Called in the transaction that makes the version. */
export async function insertEvaluation(
  transaction: Transaction<Tables>,
  { modelName, version, jobId, report }: NewEvaluation,
): Promise<void> {
  const { dataset_id } = await transaction
    .selectFrom("job")
    .select("dataset_id")
    .where("id", "=", jobId)
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto("evaluation")
    .values({ model_name: modelName, version, dataset_id, report: JSON.stringify(report) })
    .execute();
}

/** @throws DomainError `not_found` when the version, which there is, was not evaluated */
export async function getEvaluationRow(store: Store, modelName: string, version: number): Promise<EvaluationRow> {
  const row = await store
    .selectFrom("evaluation")
    .selectAll()
    .where("model_name", "=", modelName)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw new DomainError("not_found", `Version ${version} of "${modelName}" has no evaluation.`, {
    hint: "Versions of an older deltarule have none: train it again.",
  });
}
