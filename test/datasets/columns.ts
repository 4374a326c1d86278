// Small tables for tests, a column per line.
import type { ColumnSchema, ColumnType } from "../../src/contract/dataset.ts";
import type { FeatureSpec } from "../../src/datasets/features/feature-spec.ts";
import type { Table, TableColumn } from "../../src/datasets/table.ts";
import { DomainError } from "../../src/errors.ts";

export const numbers = (name: string, ...values: number[]): TableColumn => ({
  name,
  type: "number",
  values: Float64Array.from(values),
});
export const booleans = (name: string, ...values: number[]): TableColumn => ({
  name,
  type: "boolean",
  values: Float64Array.from(values),
});
export const words = (name: string, dictionary: string[], ...codes: number[]): TableColumn => ({
  name,
  type: "category",
  codes: Int32Array.from(codes),
  dictionary,
});
/** A text per row, undefined where it is missing. */
export const texts = (name: string, ...rows: (string | undefined)[]): TableColumn => {
  const dictionary = [...new Set(rows.filter((text) => text !== undefined))].sort();
  return {
    name,
    type: "text",
    codes: Int32Array.from(rows, (text) => (text === undefined ? -1 : dictionary.indexOf(text))),
    dictionary,
  };
};
/** Times as ISO 8601, "" where missing. */
export const datetimes = (name: string, ...rows: string[]): TableColumn => ({
  name,
  type: "datetime",
  values: Float64Array.from(rows, (text) => (text === "" ? NaN : Date.parse(text))),
});
export const tableOf = (...columns: TableColumn[]): Table => ({
  rows: "values" in columns[0] ? columns[0].values.length : (columns[0] as { codes: Int32Array }).codes.length,
  columns,
});
export const all = (table: Table) => Int32Array.from({ length: table.rows }, (_, row) => row);
export const spec = (name: string, type: FeatureSpec["type"], more: Partial<FeatureSpec> = {}): FeatureSpec => ({
  name,
  type,
  ...more,
});
/** The faults of the DomainError that `work` throws. */
export function faultsOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return error.faults;
    throw error;
  }
  throw new Error("Expected a DomainError.");
}

/** A column as the schema of a dataset describes it; what a test does not care about is filled in. */
export const columnSchema = (
  name: string,
  type: ColumnType,
  distinct = 10,
  more: Partial<ColumnSchema> = {},
): ColumnSchema => ({
  name,
  type,
  id_like: false,
  statistics: { missing: 0, distinct },
  examples: type === "number" || type === "integer" ? [1] : ["word"],
  ...more,
});
