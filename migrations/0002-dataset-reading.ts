// How the files of a dataset were understood.
import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("dataset")
    .addColumn("reading", "text", (column) => column.notNull().defaultTo('{"files":[]}'))
    .execute();
}
