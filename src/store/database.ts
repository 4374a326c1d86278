// Opens the SQLite file. The only place that knows the driver and its settings.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { CompiledQuery, type DatabaseConnection, Kysely, SqliteDialect, SqliteDriver, type Transaction } from "kysely";
import { DomainError } from "../errors.ts";
import type { Tables } from "./tables.ts";

export type Store = Kysely<Tables>;
/** A store or a transaction on it: what most functions of this folder take. */
export type StoreOrTransaction = Kysely<Tables> | Transaction<Tables>;

/** The WAL-reset bug, which corrupts when two processes share a file, is fixed from here on. */
const oldestSafeSqlite = [3, 51, 3] as const;

/** The driver under each store, for the one statement that Kysely cannot run to its end. */
const drivers = new WeakMap<Store, Database.Database>();

/** Pages given back at once; 8 MiB at SQLite's 4 KiB a page, so that no other writer waits long. */
const releasedPages = 2048;

const settings = [
  "auto_vacuum = INCREMENTAL", // before the first table: deleting gives space back
  "journal_mode = WAL", // readers never wait for the writer
  "synchronous = FULL", // a commit is on the disk when it returns, power loss included
  "foreign_keys = ON",
  "busy_timeout = 10000", // ms; server and trainers write the same file
  "journal_size_limit = 67108864",
];

/**
 * Opens (and creates) the database at `path`.
 * @throws DomainError `storage_full` when there is no space, `cannot_start` when the file cannot be opened or is no database
 */
export function openDatabase(path: string): Store {
  if (!existsSync(dirname(path))) {
    throw new DomainError("cannot_start", `There is no folder ${dirname(path)} for the database.`, {
      hint: "Make the folder, or give another path with DELTARULE_DATABASE.",
    });
  }
  const database = new Database(path);
  try {
    const { version } = database.prepare("select sqlite_version() as version").get() as { version: string };
    if (isOlder(version)) {
      throw new Error(
        `SQLite ${version} can corrupt a file shared by two processes; ${oldestSafeSqlite.join(".")} or later is needed.`,
      );
    }
    for (const setting of settings) database.pragma(setting);
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === "SQLITE_NOTADB") {
      throw new DomainError("cannot_start", `${path} is no database.`, {
        hint: "Give the path of a deltarule database, or of a new file, with DELTARULE_DATABASE.",
        cause: error,
      });
    }
    throw asDomainError(error);
  }
  const store = new Kysely<Tables>({ dialect: new ImmediateSqliteDialect({ database }) });
  drivers.set(store, database);
  return store;
}

/** Runs `work` in one transaction; a full disk becomes a `storage_full` error. */
export async function inTransaction<Result>(
  store: Store,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  try {
    return await store.transaction().execute(work);
  } catch (error) {
    throw asDomainError(error);
  }
}

/** Gives all pages freed by deletions back to the file system; between portions others may write. */
export async function releaseFreePages(store: Store): Promise<void> {
  const driver = drivers.get(store)!;
  const freePages = () => driver.pragma("freelist_count", { simple: true }) as number;
  // The statement gives a row per page, and Kysely would step once: one page. Holding the connection keeps others' transactions apart.
  const releasePortion = async () => {
    const before = freePages();
    driver.exec(`PRAGMA incremental_vacuum(${releasedPages})`);
    const left = freePages();
    return left > 0 && left < before;
  };
  while (await store.connection().execute(releasePortion)) await setImmediate();
}

// Transactions take the write lock when they begin: one that first reads and then writes would otherwise fail
// at once (SQLITE_BUSY_SNAPSHOT) whenever the other process has written in between.
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDialect>[0];
  constructor(config: ConstructorParameters<typeof SqliteDialect>[0]) {
    super(config);
    this.#config = config;
  }
  override createDriver(): SqliteDriver {
    return new ImmediateSqliteDriver(this.#config);
  }
}

function isOlder(version: string): boolean {
  const got = version.split(".").map(Number);
  for (const [i, needed] of oldestSafeSqlite.entries()) {
    const part = got[i] ?? 0;
    if (part !== needed) return part < needed;
  }
  return false;
}

function asDomainError(error: unknown): unknown {
  const code = (error as { code?: string }).code;
  if (code === "SQLITE_FULL") {
    return new DomainError("storage_full", "The disk of the database is full.", {
      hint: "Free space or delete datasets and models, then send the request again.",
      cause: error,
    });
  }
  return error;
}
