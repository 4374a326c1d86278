// Parquet, through DuckDB. Cells come as text like everywhere else; DuckDB prints each double so that it reads back equal.
import { sqlText } from "../cell.ts";
import { selectRows } from "../duckdb.ts";
import { checkNames } from "./raw-table.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";

/** Parquet types (as DuckDB names them) whose values are no single cell. */
const refusedTypes: readonly (readonly [RegExp, string])[] = [
  [/\[\d*\]$|^STRUCT|^MAP|^UNION|^VARIANT/, "nested values"],
  [/^BLOB|^BIT/, "bytes"],
];

export async function readParquet({ connection, files, problems }: ReadRequest): Promise<RawTable | undefined> {
  const file = `read_parquet(${sqlText(files[0].path)})`;
  let described: [string, string][];
  try {
    described = (await selectRows(connection, `select column_name, column_type from (describe from ${file})`)) as [
      string,
      string,
    ][];
  } catch (error) {
    problems.add("broken_file", {}, (error as Error).message.split("\n", 1)[0].replaceAll(files[0].path, "the file"));
    return undefined;
  }
  const names = described.map(([name]) => name);
  checkNames(names, null, problems);
  for (const [column, type] of described) {
    const refused = refusedTypes.find(([pattern]) => pattern.test(type));
    if (refused !== undefined) problems.add("binary_column", { column }, refused[1]);
  }
  const columns = names.map((name, index) => `cast("${name.replaceAll('"', '""')}" as varchar) as c${index}`);
  return { source: `(select ${columns.join(", ")} from ${file})`, names, media: new Map(), stringColumns: new Set() };
}
