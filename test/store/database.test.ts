// The database file: its schema and its settings.
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { deleteUnreferencedBlobs, putBytes } from "../../src/store/blobs.ts";
import { inTransaction, releaseFreePages } from "../../src/store/database.ts";
import { migrate } from "../../src/store/migrate.ts";
import { countTurns, queueJob, someBytes, temporaryStore } from "./construction.ts";

describe("the schema", () => {
  test("is made on an empty file, and a second migration changes nothing", async () => {
    const { store } = await temporaryStore();
    const schema = () => sql`select name, sql from sqlite_schema order by name`.execute(store);
    const before = (await schema()).rows;
    expect(before.map((row) => (row as { name: string }).name)).toEqual(
      expect.arrayContaining(["blob", "blob_chunk", "checkpoint", "dataset", "event", "idempotency", "job", "model"]),
    );
    expect(await migrate(store)).toEqual([]);
    expect((await schema()).rows).toEqual(before);
  });
});

describe("a reference to a blob", () => {
  test.each(["dataset", "checkpoint", "model_version"])(
    "is found in %s without reading the whole table",
    async (table) => {
      const { store } = await temporaryStore();
      const { rows } = await sql.raw(`explain query plan select 1 from ${table} where blob = 'x'`).execute(store);
      expect((rows as { detail: string }[]).map(({ detail }) => detail)).toEqual([
        expect.stringContaining(`USING COVERING INDEX ${table}_by_blob`),
      ]);
    },
  );
});

describe("free pages", () => {
  test("are all given back, in portions between which others have their turn", async () => {
    const { store } = await temporaryStore();
    const { hash } = await putBytes(store, someBytes(20 * 2 ** 20, 1));
    await inTransaction(store, (transaction) => deleteUnreferencedBlobs(transaction, [hash]));
    const freePages = async () =>
      (await sql<{ freelist_count: number }>`PRAGMA freelist_count`.execute(store)).rows[0].freelist_count;
    expect(await freePages()).toBeGreaterThan(5_000);
    const { turns } = await countTurns(releaseFreePages(store));
    expect(await freePages()).toBe(0);
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

describe("an opened database", () => {
  // SQLite's own numbers: synchronous 2 = FULL, auto_vacuum 2 = INCREMENTAL.
  test.each([
    ["journal_mode", "wal"],
    ["synchronous", 2],
    ["foreign_keys", 1],
    ["busy_timeout", 10_000],
    ["auto_vacuum", 2],
    ["mmap_size", 0],
  ])("has %s = %s", async (pragma, expected) => {
    const { store } = await temporaryStore();
    const { rows } = await sql.raw(`PRAGMA ${pragma}`).execute(store);
    expect(Object.values(rows[0] as object)[0] ?? 0).toBe(expected);
  });

  test("refuses a reference to what is not there", async () => {
    const { store } = await temporaryStore();
    const orphan = { hash: "0".repeat(64), position: 0, bytes: new Uint8Array(1) };
    await expect(store.insertInto("blob_chunk").values(orphan).execute()).rejects.toThrow(/FOREIGN KEY/);
  });
});

describe("a transaction", () => {
  test("that fails leaves nothing behind", async () => {
    const { store } = await temporaryStore();
    const jobId = await queueJob(store);
    const failing = inTransaction(store, async (transaction) => {
      await transaction.deleteFrom("job").where("id", "=", jobId).execute();
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await store.selectFrom("job").select("id").execute()).toEqual([{ id: jobId }]);
  });
});
