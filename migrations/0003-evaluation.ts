// How good a version is on rows it was not trained on.
import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("evaluation")
    .addColumn("model_name", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("dataset_id", "text", (column) => column.notNull())
    .addColumn("report", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("evaluation_key", ["model_name", "version"])
    .addForeignKeyConstraint(
      "evaluation_of_version",
      ["model_name", "version"],
      "model_version",
      ["model_name", "version"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .execute();
}
