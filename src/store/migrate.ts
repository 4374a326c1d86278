// Brings the schema to the newest version. Each migration runs in one transaction: old or new, never between.
import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import * as initial from "../../migrations/0001-initial.ts";
import * as datasetReading from "../../migrations/0002-dataset-reading.ts";
import * as evaluation from "../../migrations/0003-evaluation.ts";
import type { Tables } from "./tables.ts";

/** In order. A released migration is never edited; a change is a new one. */
const migrations: Record<string, Migration> = {
  "0001-initial": initial,
  "0002-dataset-reading": datasetReading,
  "0003-evaluation": evaluation,
};

/** Applies what is missing. Throws when a migration fails, leaving the schema before it. Returns the names applied. */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
