// A split by the values of a column, as the options ask for it: a column "split" beside the others.
import type { DatasetOptions } from "../../contract/dataset.ts";
import type { Fault } from "../../errors.ts";
import { sqlText, trimmedSql } from "../cell.ts";
import { partColumn } from "./parts.ts";
import type { RawTable } from "./raw-table.ts";

/** The table with the column added; faults where the options do not fit it. */
export async function withSplit(raw: RawTable, { split }: DatasetOptions, faults: Fault[]): Promise<RawTable> {
  if (split === undefined) return raw;
  const index = raw.names.indexOf(split.column);
  const pointer = "/options/split/column";
  if (index < 0 || raw.media.has(index)) {
    // Brings zod along, which takes long to load: only when needed.
    const { suggestName } = await import("../../contract/strict-object.ts");
    const texts = raw.names.filter((_, at) => !raw.media.has(at));
    const detail = `There is no column "${split.column}" to split by.`;
    faults.push({ pointer, code: "unknown_column", detail, hint: suggestName(split.column, texts) });
  }
  if (raw.names.includes(partColumn)) {
    const detail = `The data has a column "${partColumn}" already.`;
    faults.push({ pointer, code: "already_split", detail, hint: "Leave options.split out." });
  }
  if (faults.length > 0) return raw;
  const cell = trimmedSql(`c${index}`);
  const isOneOf = (values: readonly string[]) => `${cell} in (${values.map(sqlText).join(", ")})`;
  const cases = [
    ...(split.validation === undefined ? [] : [`when ${isOneOf(split.validation)} then 'validation'`]),
    `when ${isOneOf(split.test)} then 'test'`,
  ];
  const part = `case ${cases.join(" ")} else 'train' end as c${raw.names.length}`;
  return { ...raw, source: `(select *, ${part} from ${raw.source})`, names: [...raw.names, partColumn] };
}
