// Labels that end in a dot in the test file alone, as in the Adult set of UCI: "<=50K." of the test is "<=50K" of the training.
import type { DuckDBConnection } from "@duckdb/node-api";
import { sqlText } from "../cell.ts";
import { askColumns, selectRows } from "../duckdb.ts";
import type { ProblemList } from "../problems.ts";
import { partColumn } from "./parts.ts";
import type { RawTable } from "./raw-table.ts";

const columnsPerQuery = 64;

/**
 * Cuts the dots in the cleaned text columns c<i> of `cells` in which every cell of the other parts ends in one, none of the
 * training part does, and all of them are known there without it; a warning for each.
 */
export async function cutFinalDots(
  connection: DuckDBConnection,
  { names }: RawTable,
  columns: readonly number[],
  problems: ProblemList,
): Promise<void> {
  const part = names.indexOf(partColumn);
  if (part < 0) return;
  const isTraining = `c${part} = ${sqlText("train")}`;
  const suspects: { column: number; example: string }[] = [];
  const counts = (column: number) => {
    const c = `c${column}`;
    return [
      `count(${c}) filter (not ${isTraining})`,
      `count(*) filter (not ${isTraining} and ${c} like '_%.')`,
      `count(*) filter (${isTraining} and ${c} like '%.')`,
      `min(${c}) filter (not ${isTraining})`,
    ];
  };
  await askColumns(connection, "cells", columns, columnsPerQuery, counts, (column, [all, dotted, stray, example]) => {
    if (all === dotted && Number(all) > 0 && Number(stray) === 0) suspects.push({ column, example: example as string });
  });
  const cut: string[] = [];
  for (const { column, example } of suspects) {
    const c = `c${column}`;
    const [[unknown]] = await selectRows(
      connection,
      `select count(*) from cells where not ${isTraining} and left(${c}, -1) not in
         (select ${c} from cells where ${isTraining} and ${c} is not null)`,
    );
    if (Number(unknown) > 0) continue;
    problems.add("final_dots", { column: names[column], value: example });
    cut.push(`if(${isTraining}, ${c}, left(${c}, -1)) as ${c}`);
  }
  if (cut.length > 0)
    await connection.run(`create or replace table cells as select * replace (${cut.join(", ")}) from cells`);
}
