// Parquet → columnar table in memory, chunk by chunk. For typed tables written by the ingest process: trusted bytes.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DuckDBBlobVector, DuckDBConnection, DuckDBListVector, DuckDBVector } from "@duckdb/node-api";
import type { ColumnSchema, ColumnType } from "../contract/dataset.ts";
import { sqlText } from "./cell.ts";
import { openDatabase, selectRows } from "./duckdb.ts";
import type { NumericColumn, Table, TableColumn } from "./table.ts";

type Column = Pick<ColumnSchema, "name" | "type" | "shape" | "sample_rate">;

const memoryMegabytes = 2048;

/** SQL that gives a double without NULL: NaN is missing. */
const asDouble: Record<NumericColumn["type"], (c: string) => string> = {
  number: (c) => `coalesce(${c}, 'nan'::double)`,
  integer: (c) => `coalesce(${c}::double, 'nan'::double)`,
  boolean: (c) => `coalesce(${c}::integer::double, 'nan'::double)`,
  datetime: (c) => `coalesce(epoch_ms(${c})::double, 'nan'::double)`,
};

const isNumeric = (type: ColumnType): type is NumericColumn["type"] => Object.hasOwn(asDouble, type);
const isText = (type: ColumnType): type is "category" | "text" => type === "category" || type === "text";

/**
 * The table stored at `parquetPath` with the columns of its schema, all of them and in its order; `only` (names) leaves the
 * others out, which saves their memory. Throws when the file is missing or damaged.
 */
export async function readTable(
  parquetPath: string,
  columns: readonly Column[],
  only?: ReadonlySet<string>,
): Promise<Table> {
  // Not among the tables, which are dropped by size and age; and not shared, for it is removed after the read.
  const temporaryFolder = join(dirname(dirname(parquetPath)), `read-${randomUUID()}`);
  const { connection, close } = await openDatabase({
    memoryMegabytes,
    threads: 1,
    temporaryFolder,
    paths: [parquetPath],
  });
  try {
    const wanted = columns
      .map((column, index) => ({ ...column, c: `c${index}` }))
      .filter(({ name }) => only?.has(name) ?? true);
    const source = `read_parquet(${sqlText(parquetPath)})`;
    const rows = Number((await selectRows(connection, `select count(*) from ${source}`))[0][0]);
    const selected: string[] = [];
    const table: TableColumn[] = [];
    for (const column of wanted) {
      const { sql, empty } = await prepare(connection, source, column, rows);
      selected.push(sql);
      table.push(empty);
    }
    if (wanted.length > 0) await fill(connection, `select ${selected.join(", ")} from ${source}`, table);
    return { rows, columns: table };
  } finally {
    close();
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

/** What to select for a column, and the column with its arrays allocated. */
async function prepare(
  connection: DuckDBConnection,
  source: string,
  { name, type, shape = [], sample_rate: sampleRate = 0, c }: Column & { c: string },
  rows: number,
): Promise<{ sql: string; empty: TableColumn }> {
  if (isNumeric(type)) return { sql: asDouble[type](c), empty: { name, type, values: new Float64Array(rows) } };
  if (isText(type)) {
    const dictionary = (
      await selectRows(connection, `select distinct ${c} from ${source} where ${c} is not null order by 1`)
    ).map(([word]) => word as string);
    const sql = dictionary.length === 0 ? "-1" : `coalesce(enum_code(${c}::words_${c})::integer, -1)`;
    // An ENUM turns words into codes inside DuckDB: JavaScript never sees a million strings.
    if (dictionary.length > 0)
      await connection.run(
        `create type words_${c} as enum (select distinct ${c} from ${source} where ${c} is not null order by 1)`,
      );
    return { sql, empty: { name, type, codes: new Int32Array(rows), dictionary } };
  }
  if (type === "image") {
    const [height, width, channels] = shape;
    const pixels = new Uint8Array(rows * height * width * channels);
    return { sql: c, empty: { name, type, shape: [height, width, channels], pixels } };
  }
  const length = type === "audio" ? `octet_length(${c}) // 2` : `len(${c})`;
  const [[total]] = await selectRows(connection, `select coalesce(sum(${length}), 0)::double from ${source}`);
  const starts = new Float64Array(rows + 1);
  if (type === "audio") {
    return { sql: c, empty: { name, type, sampleRate, samples: new Int16Array(total as number), starts } };
  }
  const [steps, channels] = shape;
  return {
    sql: c,
    empty: { name, type, shape: [steps, channels], elements: new Float64Array(total as number), starts },
  };
}

async function fill(connection: DuckDBConnection, sql: string, columns: readonly TableColumn[]): Promise<void> {
  const result = await connection.stream(sql);
  let row = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const { rowCount } = chunk;
    columns.forEach((column, index) => copyVector(chunk.getColumnVector(index), rowCount, column, row));
    row += rowCount;
  }
}

/** Copies one chunk of a column to where its rows belong, from row `start` on. */
function copyVector(vector: DuckDBVector, rowCount: number, column: TableColumn, start: number): void {
  if ("values" in column || "codes" in column) {
    const target = "values" in column ? column.values : column.codes;
    for (let i = 0; i < rowCount; i++) target[start + i] = vector.getItem(i) as number;
    return;
  }
  for (let row = start; row < start + rowCount; row++) {
    if (column.type === "sequence") {
      const elements = ((vector as DuckDBListVector).getItem(row - start)?.items ?? []) as number[];
      column.elements.set(elements, column.starts[row]);
      column.starts[row + 1] = column.starts[row] + elements.length;
      continue;
    }
    const bytes = (vector as DuckDBBlobVector).getItemBytes(row - start) ?? new Uint8Array();
    if (column.type === "audio") {
      const samples = column.samples.subarray(column.starts[row]);
      new Uint8Array(samples.buffer, samples.byteOffset, bytes.length).set(bytes);
      column.starts[row + 1] = column.starts[row] + bytes.length / 2;
    } else {
      const size = column.shape[0] * column.shape[1] * column.shape[2];
      if (bytes.length !== size) throw new Error(`Image ${row} of column "${column.name}" has not ${size} bytes.`);
      column.pixels.set(bytes, row * size);
    }
  }
}
