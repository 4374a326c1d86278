// A page of rows for people to look at, from the typed table.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cell } from "../contract/dataset.ts";
import { sqlText } from "./cell.ts";
import { selectRows } from "./duckdb.ts";
import type { RowsCommand } from "./ingest-protocol.ts";
import { imageSummary, shownAs } from "./statistics.ts";

/** Rows `offset` to `offset + limit` as objects by column name; an image shows as "28×28×1 image". */
export async function selectPreview(
  connection: DuckDBConnection,
  { parquetPath, columns, offset, limit }: RowsCommand,
): Promise<Record<string, Cell>[]> {
  const shown = columns.map(({ type }, index) => shownAs[type](`c${index}`));
  const rows = await selectRows(
    connection,
    `select ${shown.join(", ")} from read_parquet(${sqlText(parquetPath)}) limit ${limit} offset ${offset}`,
  );
  return rows.map((row) =>
    // fromEntries makes "__proto__" a property like any other.
    Object.fromEntries(
      columns.map(({ name, shape }, index) => [
        name,
        shape === undefined || row[index] === null ? (row[index] as Cell) : imageSummary(shape),
      ]),
    ),
  );
}
