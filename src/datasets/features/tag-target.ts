// The target of a tagging task: a label for each token of the feature, as a list in the cell, "DET NOUN" or ["DET","NOUN"].
import { DomainError } from "../../errors.ts";
import type { TableColumn } from "../table.ts";
import type { Matrix } from "./encoder.ts";
import { itemsIn } from "./items.ts";
import { positionsOf } from "./positions.ts";
import { textColumn } from "./text-column.ts";
import { specialTokens, tokenNumbers, type TokensState } from "./tokens.ts";

export interface TagTarget {
  kind: "tags";
  name: string;
  /** in sorted order; position = class of the network */
  classes: string[];
}

/** Target of a step that is padding: it does not count (engine/losses/cross-entropy.ts). */
const ignored = -1;

/** Every label of the column: one that only validation has must have an output too. */
export function fitTags(column: TableColumn): TagTarget {
  const { name, codes, dictionary } = textColumn(column);
  const used = [...new Set(codes)].filter((code) => code >= 0);
  return { kind: "tags", name, classes: [...new Set(used.flatMap((code) => itemsIn(dictionary[code])))].sort() };
}

/**
 * Classes (rows.length, length), where the tokens stand that they are the labels of.
 * @throws DomainError `invalid_dataset` at the first row that has not a label for each token
 */
export function encodeTags(
  { name, classes }: TagTarget,
  { tags, tokens }: { tags: TableColumn; tokens: TableColumn },
  state: TokensState,
  rows: Int32Array,
  precision: "float32" | "float64",
): Matrix {
  const [tagTexts, tokenTexts] = [textColumn(tags), textColumn(tokens)];
  const size = rows.length * state.length;
  const matrix = (precision === "float32" ? new Float32Array(size) : new Float64Array(size)).fill(ignored);
  const positions = positionsOf(classes);
  rows.forEach((row, index) => {
    const numbers = itemsIn(tagTexts.dictionary[tagTexts.codes[row]]).map((tag) => positions.get(tag)!);
    const code = tokenTexts.codes[row];
    const count = code < 0 ? 0 : tokenNumbers(state, tokenTexts.dictionary[code]).length;
    if (count !== numbers.length) {
      const detail = `Row ${row + 1} has ${count} tokens in "${state.name}", but ${numbers.length} labels in "${name}".`;
      const hint = "Give each token one label: lists of equal length, or words and labels between blanks.";
      throw new DomainError("invalid_dataset", detail, { hint });
    }
    const kept = numbers.slice(0, state.length);
    matrix.set(kept, index * state.length + (state.padding === "front" ? state.length - kept.length : 0));
  });
  return matrix;
}

/** Places of an encoded text that are no padding. */
export function tokenPlaces(tokens: ArrayLike<number>): number[] {
  return Array.from({ length: tokens.length }, (_, place) => place).filter(
    (place) => tokens[place] !== specialTokens.padding,
  );
}
