// Answers already given under an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07), kept for 24 hours.
import type { StoreOrTransaction } from "./database.ts";

export const idempotencyRetentionMs = 24 * 60 * 60_000;

export interface IdempotencyRecord {
  key: string;
  /** Method and path. */
  scope: string;
  /** SHA-256 of the request's body. */
  fingerprint: string;
  status: number;
  location: string | null;
  body: string;
}

/** Writes the answer; called in the transaction that creates what the answer is about. */
export async function saveIdempotency(store: StoreOrTransaction, record: IdempotencyRecord): Promise<void> {
  const row = { ...record, created_at: Date.now() };
  await store
    .insertInto("idempotency")
    .values(row)
    .onConflict((expired) => expired.columns(["key", "scope"]).doUpdateSet(row))
    .execute();
}

export async function findIdempotency(
  store: StoreOrTransaction,
  key: string,
  scope: string,
): Promise<IdempotencyRecord | undefined> {
  return await store
    .selectFrom("idempotency")
    .select(["key", "scope", "fingerprint", "status", "location", "body"])
    .where("key", "=", key)
    .where("scope", "=", scope)
    .where("created_at", ">", Date.now() - idempotencyRetentionMs)
    .executeTakeFirst();
}

export async function deleteExpiredIdempotency(store: StoreOrTransaction): Promise<void> {
  await store
    .deleteFrom("idempotency")
    .where("created_at", "<=", Date.now() - idempotencyRetentionMs)
    .execute();
}
