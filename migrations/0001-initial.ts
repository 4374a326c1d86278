// The first schema: blobs, datasets, jobs with their events and checkpoints, models, idempotency keys.
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("server_owner")
    .addColumn("id", "integer", (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn("pid", "integer", (column) => column.notNull())
    .addColumn("host", "text", (column) => column.notNull())
    .addColumn("url", "text")
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .execute();

  await db.schema
    .createTable("blob")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .addColumn("complete", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("blob_chunk")
    .addColumn("hash", "text", (column) => column.notNull().references("blob.hash").onDelete("cascade"))
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("bytes", "blob", (column) => column.notNull())
    .addPrimaryKeyConstraint("blob_chunk_key", ["hash", "position"])
    .execute();

  await db.schema
    .createTable("dataset")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("format", "text", (column) => column.notNull())
    .addColumn("rows", "bigint", (column) => column.notNull())
    .addColumn("columns", "text", (column) => column.notNull())
    .addColumn("problems", "text", (column) => column.notNull())
    .addColumn("problem_count", "integer", (column) => column.notNull())
    .addColumn("suggested_target", "text")
    .addColumn("blob", "text", (column) => column.notNull().references("blob.hash"))
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();

  // For the foreign key: deleting a blob asks each table that refers to blobs.
  await db.schema.createIndex("dataset_by_blob").on("dataset").column("blob").execute();

  await db.schema
    .createTable("job")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("phase", "text", (column) => column.notNull())
    .addColumn("request", "text", (column) => column.notNull())
    .addColumn("warnings", "text", (column) => column.notNull())
    .addColumn("dataset_id", "text", (column) => column.notNull())
    .addColumn("model_name", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("finished_at", "bigint")
    .addColumn("requested_action", "text")
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("crashes", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("restarts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("attempt_token", "text")
    .addColumn("trainer_id", "text")
    .addColumn("lease_until", "bigint")
    .addColumn("progress", "text", (column) => column.notNull())
    .addColumn("result", "text")
    .addColumn("error", "text")
    .execute();
  await db.schema.createIndex("job_by_status").on("job").columns(["status", "id"]).execute();
  await db.schema.createIndex("job_by_dataset").on("job").column("dataset_id").execute();

  await db.schema
    .createTable("event")
    .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("epoch", "integer")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("data", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("event_by_job").on("event").columns(["job_id", "sequence"]).execute();
  // NULLs are distinct: only metric events carry an epoch, and each epoch of a job stands once.
  await db.schema.createIndex("event_by_epoch").unique().on("event").columns(["job_id", "epoch"]).execute();

  await db.schema
    .createTable("checkpoint")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("job_id", "text", (column) => column.notNull().references("job.id").onDelete("cascade"))
    .addColumn("epoch", "integer", (column) => column.notNull())
    .addColumn("step", "bigint", (column) => column.notNull())
    .addColumn("blob", "text", (column) => column.notNull().references("blob.hash"))
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("checkpoint_by_job").on("checkpoint").columns(["job_id", "id"]).execute();
  await db.schema.createIndex("checkpoint_by_blob").on("checkpoint").column("blob").execute();

  await db.schema
    .createTable("model")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("latest_version", "integer", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("model_version")
    .addColumn("model_name", "text", (column) => column.notNull().references("model.name").onDelete("cascade"))
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("job_id", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("record", "text", (column) => column.notNull())
    .addColumn("blob", "text", (column) => column.notNull().references("blob.hash"))
    .addColumn("size_bytes", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("model_version_key", ["model_name", "version"])
    .execute();
  await db.schema.createIndex("model_version_by_job").unique().on("model_version").column("job_id").execute();
  await db.schema.createIndex("model_version_by_blob").on("model_version").column("blob").execute();

  await db.schema
    .createTable("idempotency")
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("fingerprint", "text", (column) => column.notNull())
    .addColumn("status", "integer", (column) => column.notNull())
    .addColumn("location", "text")
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("idempotency_key", ["key", "scope"])
    .execute();
}
