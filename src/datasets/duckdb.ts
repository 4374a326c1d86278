// A DuckDB of its own for one piece of work: bounded in memory, threads and disk, and blind to every file but the ones named.
// DuckDB is native code on untrusted input: readers run it in the ingest process only, never in the server.
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDBConnection } from "@duckdb/node-api";
import { sqlText } from "./cell.ts";

export interface DatabaseLimits {
  memoryMegabytes: number;
  threads: number;
  /** DuckDB may create it and spill into it. */
  temporaryFolder: string;
  /** The only files that statements can read or write. */
  paths: readonly string[];
}

/** An empty database in memory. Call `close` when done. */
export async function openDatabase(limits: DatabaseLimits): Promise<{ connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(limits.threads),
    memory_limit: `${limits.memoryMegabytes}MB`,
    temp_directory: limits.temporaryFolder,
    max_temp_directory_size: "16GB",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  await connection.run(`set allowed_paths = [${limits.paths.map(sqlText).join(", ")}]`);
  await connection.run(`set allowed_directories = [${sqlText(limits.temporaryFolder)}]`);
  await connection.run("set enable_external_access = false");
  await connection.run("set lock_configuration = true");
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** All rows of a (small) result, each value as plain JavaScript; 64-bit integers come as bigint. */
export async function selectRows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJS();
}

/**
 * Asks the same of many columns in few statements: `sqlOf` gives the expressions for one column, `take` gets their values.
 * `from` is what stands after FROM; `perQuery` columns at a time, since DuckDB plans wide statements slowly.
 */
export async function askColumns(
  connection: DuckDBConnection,
  from: string,
  columns: readonly number[],
  perQuery: number,
  sqlOf: (column: number) => string[],
  take: (column: number, values: unknown[]) => void,
): Promise<void> {
  for (let start = 0; start < columns.length; start += perQuery) {
    const batch = columns.slice(start, start + perQuery).map((column) => ({ column, asked: sqlOf(column) }));
    const asked = batch.flatMap((one) => one.asked);
    const [row] = await selectRows(connection, `select ${asked.join(", ")} from ${from}`);
    let at = 0;
    for (const one of batch) {
      take(one.column, row.slice(at, at + one.asked.length));
      at += one.asked.length;
    }
  }
}
