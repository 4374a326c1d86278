// How many windows each part of a time series holds, and whether it holds any.
import type { SplitSizes } from "../datasets/splits.ts";
import { type WindowChoice, windowCount } from "../datasets/windows.ts";
import type { Fault } from "../errors.ts";
import type { ResolvedSplit } from "./resolve-split.ts";

/** Windows of each part, from its rows; a part that is asked for and holds none is a fault, as is a split not by time. */
export function windowSizes(window: WindowChoice, split: ResolvedSplit, rows: SplitSizes, faults: Fault[]): SplitSizes {
  const other = (["column", "group"] as const).find((kind) => typeof split[kind] === "string");
  if (other !== undefined)
    faults.push({
      pointer: `/dataset/split/${other}`,
      code: "not_by_time",
      detail: `The rows of a time series are split by time, not by ${other}.`,
      hint: 'Leave it out (a column "split" is passed over with "column": null), or order the rows by "time".',
    });
  const sizes: SplitSizes = { train: 0, validation: 0, test: 0 };
  for (const part of ["train", "validation", "test"] as const) {
    sizes[part] = windowCount(rows[part], window);
    if (sizes[part] > 0 || (part !== "train" && rows[part] === 0)) continue;
    const needed = window.length + window.horizon;
    faults.push({
      pointer: "/dataset/window",
      code: "no_window",
      detail: `The ${rows[part]} rows of the part ${part} hold no window: one takes ${needed} (length ${window.length} and horizon ${window.horizon}).`,
      hint: "Use a shorter window, a larger part (or 0), or bring more rows.",
    });
  }
  return sizes;
}
