// Blobs: bytes by their hash, in chunks, checked when they are read, gone when nothing refers to them.
import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { deleteUnreferencedBlobs, getBytes, getFile, putBytes, putFile } from "../../src/store/blobs.ts";
import { inTransaction, type Store } from "../../src/store/database.ts";
import { deleteDataset } from "../../src/store/datasets.ts";
import { countTurns, someBytes, storeDataset, temporaryStore } from "./construction.ts";

const hashes = async (store: Store) =>
  (await store.selectFrom("blob").select("hash").orderBy("hash").execute()).map(({ hash }) => hash);
const chunkSizes = async (store: Store) =>
  (await store.selectFrom("blob_chunk").select("bytes").orderBy("position").execute()).map(({ bytes }) => bytes.length);

describe("a blob", () => {
  test.each([0, 1, 1024 * 1024, 1024 * 1024 + 1])("of %i bytes is read as it was put", async (length) => {
    const { store } = await temporaryStore();
    const bytes = someBytes(length, 1);
    const { hash, sizeBytes } = await putBytes(store, bytes);
    expect(sizeBytes).toBe(length);
    expect(Buffer.compare(await getBytes(store, hash), bytes)).toBe(0);
  });

  test("lets others have their turn after every chunk, written and read", async () => {
    const { store } = await temporaryStore();
    const bytes = someBytes(40 * 2 ** 20, 11); // ten chunks, hashed and then written
    const { result: blob, turns: whileWritten } = await countTurns(putBytes(store, bytes));
    expect(whileWritten).toBeGreaterThanOrEqual(20);
    expect((await countTurns(getBytes(store, blob.hash))).turns).toBeGreaterThanOrEqual(10);
  });

  test("whose writing is given up ends at the next chunk with the reason", async () => {
    const { store } = await temporaryStore();
    const giveUp = new AbortController();
    const writing = putBytes(store, someBytes(9 * 2 ** 20, 12), giveUp.signal);
    giveUp.abort(new Error("given up"));
    await expect(writing).rejects.toThrow("given up");
    expect(await chunkSizes(store)).toEqual([]);
  });

  test("larger than 1 MiB lies in several chunks", async () => {
    const { store } = await temporaryStore();
    await putBytes(store, someBytes(2.25 * 1024 * 1024, 2));
    expect(await chunkSizes(store)).toEqual([1048576, 1048576, 262144]);
  });

  test("with equal bytes is stored once, from memory or from a file", async () => {
    const { store, path } = await temporaryStore();
    const bytes = someBytes(1.25 * 1024 * 1024, 3);
    await writeFile(`${path}.upload`, bytes);
    const first = await putBytes(store, bytes);
    expect(await putBytes(store, bytes)).toEqual(first);
    expect(await putFile(store, `${path}.upload`)).toEqual(first);
    expect(await chunkSizes(store)).toHaveLength(2);
  });

  test("goes to a file and back", async () => {
    const { store, path } = await temporaryStore();
    const bytes = someBytes(1.25 * 1024 * 1024, 4);
    const { hash } = await putBytes(store, bytes);
    await getFile(store, hash, `${path}.copy`);
    expect(Buffer.compare(await readFile(`${path}.copy`), bytes)).toBe(0);
  });

  test("with one changed byte is refused, and no file is left", async () => {
    const { store, path } = await temporaryStore();
    const { hash } = await putBytes(store, someBytes(1000, 5));
    const damaged = someBytes(1000, 5);
    damaged[500] ^= 1;
    await store.updateTable("blob_chunk").set({ bytes: damaged }).execute();
    await expect(getBytes(store, hash)).rejects.toThrow(/damaged/);
    await expect(getFile(store, hash, `${path}.copy`)).rejects.toThrow(/damaged/);
    await expect(readFile(`${path}.copy`)).rejects.toThrow(/ENOENT/);
  });

  test("that lost its last chunk, or was never finished, is refused", async () => {
    const { store } = await temporaryStore();
    const { hash } = await putBytes(store, someBytes(1.25 * 1024 * 1024, 6));
    await store.updateTable("blob").set({ complete: 0 }).execute();
    await expect(getBytes(store, hash)).rejects.toThrow(/missing or damaged/);
    await store.updateTable("blob").set({ complete: 1 }).execute();
    await store.deleteFrom("blob_chunk").where("position", "=", 1).execute();
    await expect(getBytes(store, hash)).rejects.toThrow(/missing or damaged/);
  });

  test("whose writing was cut short is finished by the next to put it", async () => {
    const { store } = await temporaryStore();
    const bytes = someBytes(9 * 1024 * 1024, 7);
    const { hash } = await putBytes(store, bytes);
    await store.updateTable("blob").set({ complete: 0 }).execute();
    await store.deleteFrom("blob_chunk").where("position", ">", 0).execute();
    await putBytes(store, bytes);
    expect(Buffer.compare(await getBytes(store, hash), bytes)).toBe(0);
  });
});

describe("cleaning up", () => {
  const longAgo = Date.now() - 60 * 60_000;

  test("removes old blobs without a reference, with their chunks, and no others", async () => {
    const { store } = await temporaryStore();
    const kept = await storeDataset(store, someBytes(100, 8));
    await putBytes(store, someBytes(100, 9));
    await store.updateTable("blob").set({ created_at: longAgo }).execute();
    const { hash: young } = await putBytes(store, someBytes(100, 10));
    await inTransaction(store, (transaction) => deleteUnreferencedBlobs(transaction));
    expect(await hashes(store)).toEqual([kept.hash, young].sort());
    expect(await chunkSizes(store)).toHaveLength(2);
  });

  test("leaves bytes that two datasets share until the second is deleted", async () => {
    const { store } = await temporaryStore();
    const [first, second] = [await storeDataset(store, someBytes(9, 1)), await storeDataset(store, someBytes(9, 1))];
    await deleteDataset(store, first.id);
    expect(await hashes(store)).toEqual([second.hash]);
    await deleteDataset(store, second.id);
    expect(await hashes(store)).toEqual([]);
  });
});
