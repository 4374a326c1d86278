// What people look at in a typed table: a page of rows, the bytes of one image or sound, the whole as Parquet with its names.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cell } from "../contract/dataset.ts";
import { sqlText } from "./cell.ts";
import { selectRows } from "./duckdb.ts";
import type { CellCommand, ExportCommand, RowsCommand, ShownCell } from "./ingest-protocol.ts";
import { shownAs } from "./statistics.ts";

/** Rows `offset` to `offset + limit` as objects by column name; an image or a sound is the path of its bytes. */
export async function selectPreview(
  connection: DuckDBConnection,
  { parquetPath, columns, offset, limit, address }: RowsCommand,
): Promise<Record<string, Cell>[]> {
  const shown = columns.map(({ type }, index) => shownAs[type](`c${index}`));
  const rows = await selectRows(
    connection,
    `select ${shown.join(", ")} from read_parquet(${sqlText(parquetPath)}) limit ${limit} offset ${offset}`,
  );
  return rows.map((row, at) =>
    // fromEntries makes "__proto__" a property like any other.
    Object.fromEntries(
      columns.map(({ name, type }, index) => {
        const hasBytes = (type === "image" || type === "audio") && row[index] !== null;
        return [name, hasBytes ? cellAddress(address, offset + at + 1, name) : (row[index] as Cell)];
      }),
    ),
  );
}

/** Where the bytes of an image or a sound are; `row` counts from 1. */
export function cellAddress(rowsAddress: string, row: number, column: string): string {
  return `${rowsAddress}/${row}/${encodeURIComponent(column)}`;
}

/** An image as PNG, a sound as WAV; nothing when the cell is missing. */
export async function selectCell(
  connection: DuckDBConnection,
  { parquetPath, index, column, row }: CellCommand,
): Promise<ShownCell | undefined> {
  const sql = `select c${index} from read_parquet(${sqlText(parquetPath)}) limit 1 offset ${row - 1}`;
  const [[value]] = (await selectRows(connection, sql)) as [[Uint8Array | null]];
  if (value === null) return undefined;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (column.type === "audio") {
    return { contentType: "audio/wav", bytes: Buffer.concat([wavHeader(bytes.length, column.sample_rate!), bytes]) };
  }
  const [height, width, channels] = column.shape as [number, number, 1 | 3];
  const { default: sharp } = await import("sharp");
  const picture = sharp(bytes, { raw: { height, width, channels } }).toColourspace(channels === 1 ? "b-w" : "srgb");
  return { contentType: "image/png", bytes: await picture.png().toBuffer() };
}

/** RIFF header of mono 16-bit PCM (Microsoft and IBM, 1991). */
function wavHeader(dataBytes: number, sampleRate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * sampleRate, 28); // bytes per second
  header.writeUInt16LE(2, 32); // bytes per sample of all channels
  header.writeUInt16LE(16, 34); // bits per sample
  header.write("data", 36, "latin1");
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** Writes the table with the columns' own names. */
export async function exportTable(
  connection: DuckDBConnection,
  { parquetPath, names, exportPath }: ExportCommand,
): Promise<void> {
  const columns = names.map((name, index) => `c${index} as "${name.replaceAll('"', '""')}"`);
  const source = `select ${columns.join(", ")} from read_parquet(${sqlText(parquetPath)})`;
  await connection.run(`copy (${source}) to ${sqlText(exportPath)} (format parquet, compression zstd)`);
}
