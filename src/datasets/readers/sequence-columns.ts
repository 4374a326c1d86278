// Columns of lists of numbers, or of lists of such lists (steps of several channels): what is wrong with them, and their shape.
import type { DuckDBConnection } from "@duckdb/node-api";
import { selectRows } from "../duckdb.ts";
import { type ProblemList, problemsKept } from "../problems.ts";
import type { MediaColumn } from "./raw-table.ts";

export interface ListColumn {
  /** SQL of the cell: a list of numbers, or of lists of them */
  cell: string;
  name: string;
  /** 1: a number in each step; 2: a list of channels in each step */
  depth: 1 | 2;
}

export interface SequenceSource {
  media: Extract<MediaColumn, { type: "sequence" }>;
  /** SQL of the cell as DOUBLE[], step by step; an empty list is a missing sequence */
  select: string;
}

const flat = ({ cell, depth }: ListColumn) =>
  depth === 1 ? `cast(${cell} as double[])` : `flatten(cast(${cell} as double[][]))`;

/** The column of `source` as a sequence; nothing, and a problem for each bad row, when it holds anything but numbers. */
export async function sequenceColumn(
  connection: DuckDBConnection,
  source: string,
  column: ListColumn,
  problems: ProblemList,
): Promise<SequenceSource | undefined> {
  const { cell, name, depth } = column;
  const elements = flat(column);
  const widths = `list_transform(${cell}, step -> coalesce(len(step), 0))`;
  const isBad = `coalesce(len(list_filter(${elements}, x -> x is null or not isfinite(x))) > 0, false)`;
  const isUneven = depth === 1 ? "false" : `list_min(${widths}) <> list_max(${widths}) or list_min(${widths}) = 0`;
  const channels = depth === 1 ? "1" : `list_max(${widths})`;
  const [[bad, uneven, least, most, shortest, longest]] = await selectRows(
    connection,
    `select count(*) filter (${isBad}), count(*) filter (${isUneven}), min(${channels})::double, max(${channels})::double,
       min(len(${cell}))::double, max(len(${cell}))::double from ${source} where len(${cell}) > 0`,
  );
  const name_ = { column: name };
  if (Number(bad) > 0) await describeRows(connection, source, cell, isBad, Number(bad), name, problems);
  if (Number(uneven) > 0 || least !== most) problems.add("uneven_steps", name_);
  if (problems.errors > 0) return undefined;
  const length = shortest === longest ? Number(longest ?? 0) : 0;
  return { media: { type: "sequence", shape: [length, Number(most ?? 1)] }, select: `nullif(${elements}, [])` };
}

async function describeRows(
  connection: DuckDBConnection,
  source: string,
  cell: string,
  isBad: string,
  count: number,
  column: string,
  problems: ProblemList,
): Promise<void> {
  const found = await selectRows(
    connection,
    `select row, left(cell::varchar, 100) from (select row_number() over () as row, ${cell} as cell, ${isBad} as bad from ${source})
     where bad order by row limit ${problemsKept}`,
  );
  for (const [row, value] of found) problems.add("gap_in_sequence", { row: Number(row), column, value: String(value) });
  problems.addUnseen(count - found.length);
}
