// Bytes by their SHA-256: datasets, checkpoints, weights. Written in chunks, so that no other writer waits long.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { Transaction } from "kysely";
import { inTransaction, type Store, type StoreOrTransaction } from "./database.ts";
import type { Tables } from "./tables.ts";

export interface Blob {
  hash: string;
  sizeBytes: number;
}

/** Writing one holds the thread until it is on the disk: with 4 MiB, requests waited 50 ms and more. */
const chunkBytes = 1024 * 1024;
/** An unreferenced blob younger than this may still be on its way to its first reference. */
const unreferencedGraceMs = 10 * 60_000;

/**
 * Stores bytes, which must not change meanwhile; equal bytes are stored once. `signal` ends it between two chunks, with
 * the signal's reason.
 */
export async function putBytes(store: Store, bytes: Uint8Array, signal?: AbortSignal): Promise<Blob> {
  async function* chunks() {
    for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
      signal?.throwIfAborted();
      yield bytes.subarray(start, start + chunkBytes);
      await setImmediate(); // hashing and writing hold the thread: requests and leases come in between
    }
  }
  const digest = createHash("sha256");
  for await (const chunk of chunks()) digest.update(chunk);
  return await putChunks(store, digest.digest("hex"), bytes.byteLength, chunks());
}

/** Stores a file, read twice: once for its name, once for its bytes. Memory stays at one chunk. */
export async function putFile(store: Store, path: string): Promise<Blob> {
  const digest = createHash("sha256");
  let sizeBytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: chunkBytes })) {
    digest.update(part as Buffer);
    sizeBytes += (part as Buffer).byteLength;
  }
  // Opened only when it is read: a stream that nobody reads keeps its file open, and fails unheard when the file goes.
  async function* chunks() {
    yield* createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
  }
  return await putChunks(store, digest.digest("hex"), sizeBytes, chunks());
}

async function putChunks(
  store: Store,
  hash: string,
  sizeBytes: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Blob> {
  const present = await store.selectFrom("blob").select("complete").where("hash", "=", hash).executeTakeFirst();
  if (present?.complete === 1) return { hash, sizeBytes };
  const created_at = Date.now();
  await inTransaction(store, (transaction) =>
    transaction
      .insertInto("blob")
      .values({ hash, size_bytes: sizeBytes, complete: 0, created_at })
      .onConflict((conflict) => conflict.column("hash").doUpdateSet({ created_at }))
      .execute(),
  );
  let position = 0;
  for await (const bytes of chunks) {
    const chunk = { hash, position: position++, bytes };
    await inTransaction(store, (transaction) =>
      transaction
        .insertInto("blob_chunk")
        .values(chunk)
        .onConflict((conflict) => conflict.columns(["hash", "position"]).doNothing())
        .execute(),
    );
  }
  await inTransaction(store, (transaction) =>
    transaction.updateTable("blob").set({ complete: 1 }).where("hash", "=", hash).execute(),
  );
  return { hash, sizeBytes };
}

/**
 * Reads a blob whole and checks it against its name.
 * @throws Error when it is missing or its bytes were changed
 */
export async function getBytes(store: StoreOrTransaction, hash: string): Promise<Uint8Array> {
  const blob = await store.selectFrom("blob").select("size_bytes").where("hash", "=", hash).executeTakeFirst();
  // A plain array of its own: a Buffer may be a window into a pool, which is no base for typed views.
  const bytes = new Uint8Array(blob?.size_bytes ?? 0);
  let offset = 0;
  for await (const part of readChunks(store, hash)) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** Writes a blob to `path` by way of a temporary file: `path` exists only when it is complete and checked. */
export async function getFile(store: StoreOrTransaction, hash: string, path: string): Promise<void> {
  // Two jobs on one dataset may unpack it at the same time.
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, "w");
  try {
    for await (const part of readChunks(store, hash)) await file.write(part);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

async function* readChunks(store: StoreOrTransaction, hash: string): AsyncGenerator<Uint8Array> {
  const digest = createHash("sha256");
  for (let position = 0; ; position++) {
    const row = await store
      .selectFrom("blob_chunk")
      .innerJoin("blob", "blob.hash", "blob_chunk.hash")
      .select("bytes")
      .where("blob_chunk.hash", "=", hash)
      .where("position", "=", position)
      .where("complete", "=", 1)
      .executeTakeFirst();
    if (row === undefined) break;
    digest.update(row.bytes);
    yield row.bytes;
    await setImmediate();
  }
  if (digest.digest("hex") !== hash) throw new Error(`blob ${hash} is missing or damaged`);
}

/**
 * Runs `work`, which stores bytes and then what refers to them. Between the two, somebody else who let go of equal bytes
 * may have deleted them: the reference is refused then, and the work done again.
 */
export async function keepingBytes<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let left = 5; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 1 || (error as { code?: string }).code !== "SQLITE_CONSTRAINT_FOREIGNKEY") throw error;
    }
  }
}

/** Deletes blobs that nothing refers to; `hashes` narrows it to those just let go, whatever their age. */
export async function deleteUnreferencedBlobs(
  transaction: Transaction<Tables>,
  hashes?: readonly string[],
): Promise<void> {
  let remove = transaction
    .deleteFrom("blob")
    .where("hash", "not in", (query) =>
      query
        .selectFrom("dataset")
        .select("blob")
        .union(query.selectFrom("checkpoint").select("blob"))
        .union(query.selectFrom("model_version").select("blob")),
    );
  remove =
    hashes === undefined
      ? remove.where("created_at", "<", Date.now() - unreferencedGraceMs)
      : remove.where("hash", "in", hashes);
  await remove.execute();
}
