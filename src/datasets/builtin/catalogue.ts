// The closed table of built-in datasets.
import type { BuiltinDataset } from "./builtin.ts";
import { curves } from "./curves.ts";
import { digits } from "./digits.ts";
import { gates } from "./gates.ts";
import { tables } from "./tables.ts";

export const builtinDatasets: readonly BuiltinDataset[] = [...gates, ...curves, ...tables, digits];

export function builtinNamed(name: string): BuiltinDataset | undefined {
  return builtinDatasets.find((builtin) => builtin.name === name);
}
