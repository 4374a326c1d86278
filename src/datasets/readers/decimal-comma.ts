// Decimal commas: "1.234,5" in a file whose fields are not parted by commas means 1234.5.
import type { DuckDBConnection } from "@duckdb/node-api";
import { commaNumber, isMissing, numberIn } from "../cell.ts";
import { selectRows } from "../duckdb.ts";

const commaNumberSql = String.raw`^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?$`;

/** Decimal commas when a column of the sample has them and nothing but numbers. */
export function sniffDecimal(records: readonly (readonly string[])[], delimiter: string): "." | "," {
  if (delimiter === ",") return ".";
  const width = records[0]?.length ?? 0;
  for (let column = 0; column < width; column++) {
    const cells = records.map((record) => record[column] ?? "").filter((cell) => !isMissing(cell));
    const commas = cells.filter((cell) => commaNumber.test(cell)).length;
    if (commas > 0 && cells.every((cell) => commaNumber.test(cell) || numberIn(cell) !== undefined)) return ",";
  }
  return ".";
}

/** Rewrites, in the cleaned text columns c<i> of `table`, those whose cells are (nearly) all such numbers. */
export async function readDecimalCommas(
  connection: DuckDBConnection,
  table: string,
  columns: readonly number[],
  mistakeShare: number,
): Promise<void> {
  const isComma = (c: string) => `regexp_matches(${c}, '${commaNumberSql}')`;
  const counts = columns.map(
    (column) => `count(*) filter (${isComma(`c${column}`)}),
      count(*) filter (${isComma(`c${column}`)} or is_number(c${column})), count(c${column})`,
  );
  if (counts.length === 0) return;
  const [row] = (await selectRows(connection, `select ${counts.join(", ")} from ${table}`)) as bigint[][];
  const chosen = columns.filter((_, at) => {
    const [commas, numbers, present] = row.slice(3 * at, 3 * at + 3).map(Number);
    return commas > 0 && numbers >= mistakeShare * present;
  });
  if (chosen.length === 0) return;
  const rewritten = chosen.map(
    (column) =>
      `if(${isComma(`c${column}`)}, replace(replace(c${column}, '.', ''), ',', '.'), c${column}) as c${column}`,
  );
  await connection.run(`create or replace table ${table} as select * replace (${rewritten.join(", ")}) from ${table}`);
}
