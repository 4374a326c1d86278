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

const statisticsPerQuery = 256;

/**
 * What DuckDB notes of each column while it writes a table, so that no value is looked at again:
 * "[Min: -1.5, Max: 2.0][Has Null: true, Has No Null: true][Approx Unique: 17]".
 */
async function notedOf(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
  take: (column: number, noted: string) => void,
): Promise<void> {
  const sqlOf = (column: number) => [`stats(c${column})`];
  const one = `${table} limit 1`;
  await askColumns(connection, one, columns, statisticsPerQuery, sqlOf, (column, [noted]) =>
    take(column, String(noted)),
  );
}

/**
 * The smallest and the largest value of columns of a table that was written once; nothing or null without any value, NaN for
 * what is not finite.
 */
export async function rangesOf(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
): Promise<Map<number, readonly [min: number, max: number] | null>> {
  const ranges = new Map<number, readonly [number, number] | null>();
  await notedOf(connection, table, columns, (column, noted) => {
    const [, min, max] = /Min: ([^,]+), Max: ([^\]]+)/.exec(noted) ?? [];
    ranges.set(column, noted.includes("Has No Null: true") ? [Number(min), Number(max)] : null);
  });
  return ranges;
}

/** How many different values columns have, at a guess: it may be off by half. */
export async function roughDistinct(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
): Promise<Map<number, number>> {
  const distinct = new Map<number, number>();
  await notedOf(connection, table, columns, (column, noted) => {
    const [, count] = /\[Approx Unique: (\d+)\]$/.exec(noted) ?? [];
    if (count !== undefined) distinct.set(column, Number(count));
  });
  return distinct;
}

/**
 * Distinct counts keep every value in memory, as 64 bits, and each of them takes some MiB before it has one: so many columns at a
 * time.
 */
export const countedPerQuery = 8;

/**
 * Asks the same of many columns in few statements: `sqlOf` gives the expressions for one column, `take` gets their values.
 * `from` is what stands after FROM, and gives one row, or none and nothing is taken; `perQuery` columns at a time, since DuckDB
 * plans wide statements slowly.
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
    if (row === undefined) return;
    let at = 0;
    for (const one of batch) {
      take(one.column, row.slice(at, at + one.asked.length));
      at += one.asked.length;
    }
  }
}
