// One server per database file: an operating-system lock, released by the kernel however the process ends.
import { hostname } from "node:os";
import Database from "better-sqlite3";
import { DomainError } from "../errors.ts";
import type { Store } from "./database.ts";
import { realPathOf } from "./real-path.ts";

export interface Ownership {
  /** Records who holds the database and where it listens, for the message a second server prints. Needs a migrated schema. */
  announce(url: string | null): Promise<void>;
  release(): void;
}

/**
 * Takes the lock on `<path>.lock`, before anything is changed in the database. Links to one file mean one lock.
 * @throws DomainError `database_in_use`, naming the holder
 */
export async function takeOwnership(path: string, store: Store): Promise<Ownership> {
  const lock = acquireLock(path);
  if (lock === undefined) {
    throw new DomainError("database_in_use", `${path} is held by ${await describeHolder(store)}.`, {
      hint: "Stop that server, or give this one another file with DELTARULE_DATABASE.",
    });
  }
  const started_at = Date.now();
  return {
    announce: async (url) => {
      const owner = { id: 1 as const, pid: process.pid, host: hostname(), url, started_at };
      await store.replaceInto("server_owner").values(owner).execute();
    },
    release: () => lock.close(),
  };
}

// An exclusive transaction on a SQLite file of its own is a portable advisory lock.
function acquireLock(path: string): Database.Database | undefined {
  const lock = new Database(`${realPathOf(path)}.lock`);
  try {
    lock.pragma("busy_timeout = 200");
    lock.exec("begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
}

async function describeHolder(store: Store): Promise<string> {
  // The holder may be so young that it has not made its tables yet.
  const owner = await store
    .selectFrom("server_owner")
    .selectAll()
    .executeTakeFirst()
    .catch(() => undefined);
  if (owner === undefined) return "another server that is just starting";
  const where = owner.url === null ? "" : ` at ${owner.url}`;
  return `another server${where} (process ${owner.pid} on ${owner.host}, since ${new Date(owner.started_at).toISOString()})`;
}
