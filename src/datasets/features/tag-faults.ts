// What a job with a label for each token needs of its feature: as many tokens as the cell shows.
import type { Fault } from "../../errors.ts";
import type { FeatureSpec } from "./feature-spec.ts";
import type { Task } from "./select-target.ts";

/** Encodings that make of a cell just the tokens that labels are given to. */
const countable: readonly FeatureSpec["encoding"][] = ["item_ids", "character_ids"];

export function tagFaults({ task, specs: [feature] }: { task: Task; specs: readonly FeatureSpec[] }): Fault[] {
  if (task !== "tagging" || feature?.type !== "text") return [];
  const faults: Fault[] = [];
  if (!countable.includes(feature.encoding)) {
    faults.push({
      pointer: "/dataset/features/0/encoding",
      code: "tokens_not_countable",
      detail: `A label for each token needs tokens that stand one by one in the cell, but ${feature.encoding} may make more or fewer of it.`,
      hint: 'Use "encoding": "item_ids" for words or lists, "character_ids" for characters.',
    });
  }
  if (feature.boundaries === true) {
    faults.push({
      pointer: "/dataset/features/0/boundaries",
      code: "tokens_not_countable",
      detail: "A start and an end token have no label.",
      hint: 'Leave "boundaries" out.',
    });
  }
  return faults;
}
