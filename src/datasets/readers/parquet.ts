// Parquet, through DuckDB, which knows the types: numbers and lists of them are taken as they are, all else as text.
import { sqlText } from "../cell.ts";
import { selectRows } from "../duckdb.ts";
import { checkNames } from "./raw-table.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";
import { type ColumnKind, typedColumns } from "./typed-columns.ts";

const integer = "U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?";
const number = String.raw`(?:${integer}|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))`;

/** Parquet types (as DuckDB names them) and what their columns are, the first that fits; `refused`: no single cell. */
const columnTypes: readonly (readonly [RegExp, ColumnKind | { refused: string }])[] = [
  [new RegExp(`^${integer}$`), "integer"],
  [new RegExp(`^${number}$`), "number"],
  [new RegExp(String.raw`^${number}\[\d*\]$`), "list"],
  [new RegExp(String.raw`^${number}\[\d*\]\[\d*\]$`), "lists"],
  [/^VARCHAR\[\d*\]$/, "text"],
  [/\[\d*\]$|^STRUCT|^MAP|^UNION|^VARIANT/, { refused: "nested values" }],
  [/^BLOB|^BIT/, { refused: "bytes" }],
  [/^/, "text"],
];

export async function readParquet({
  connection,
  files,
  options,
  problems,
}: ReadRequest): Promise<RawTable | undefined> {
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
  checkNames(
    described.map(([name]) => name),
    null,
    problems,
  );
  const columns = described.map(([name, type]) => {
    const found = columnTypes.find(([pattern]) => pattern.test(type))![1];
    if (typeof found === "object") problems.add("binary_column", { column: name }, found.refused);
    const isDeclared = options.columns !== undefined && Object.hasOwn(options.columns, name);
    const kind = typeof found === "object" || (isDeclared && !found.startsWith("list")) ? "text" : found;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    // A list of strings is a set of labels, which a cell holds as JSON.
    return { name, kind, cell: type.startsWith("VARCHAR[") ? `to_json(${quoted})` : quoted } as const;
  });
  if (problems.errors > 0) return undefined;
  return await typedColumns(connection, file, columns, problems);
}
