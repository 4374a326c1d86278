// Which rows train, which validate, which test. Seeded, exact in size, stratified by class where asked.
import { integerGenerator, shuffle } from "./random.ts";

export interface SplitOptions {
  /** fraction of the rows, 0 to 1 */
  validation: number;
  /** fraction of the rows, 0 to 1 */
  test: number;
  /** every class in every part in (almost) the same share */
  stratify: boolean;
  seed: number;
}

export interface SplitSizes {
  train: number;
  validation: number;
  test: number;
}

/** Row numbers (from 0), ascending; each row stands in exactly one part. */
export interface Split {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
}

/** round(rows · fraction) each; when both round up beyond what there is, the test part gives way. At least 1 row trains. */
export function splitSizes(rows: number, { validation, test }: Pick<SplitOptions, "validation" | "test">): SplitSizes {
  const spare = Math.max(0, rows - 1);
  const validationRows = Math.min(spare, Math.round(rows * validation));
  const testRows = Math.min(spare - validationRows, Math.round(rows * test));
  return { train: rows - validationRows - testRows, validation: validationRows, test: testRows };
}

/**
 * Splits rows 0 … rows-1. `classCodes` (rows; -1 = no class) is needed to stratify; without it the split is plain.
 * Stratified, the parts still have exactly the sizes of `splitSizes`: each class gives its share rounded down, the classes
 * with the largest remainders give one more. A class always keeps one row for training as long as the sizes allow.
 */
export function split(options: SplitOptions, rows: number, classCodes?: Int32Array): Split {
  const below = integerGenerator(options.seed);
  const sizes = splitSizes(rows, options);
  const groups =
    options.stratify && classCodes !== undefined
      ? rowsByClass(rows, classCodes)
      : [Int32Array.from({ length: rows }, (_, row) => row)];
  for (const group of groups) shuffle(group, below);
  const validation = allot(
    groups,
    sizes.validation,
    groups.map(({ length }) => length),
  );
  const left = groups.map(({ length }, index) => length - validation[index]);
  const test = allot(groups, sizes.test, left);
  const parts: Record<keyof Split, number[]> = { train: [], validation: [], test: [] };
  groups.forEach((group, index) => {
    const validationEnd = validation[index];
    const testEnd = validationEnd + test[index];
    for (let i = 0; i < group.length; i++) {
      parts[i < validationEnd ? "validation" : i < testEnd ? "test" : "train"].push(group[i]);
    }
  });
  const ascending = (part: number[]) => Int32Array.from(part).sort();
  return { train: ascending(parts.train), validation: ascending(parts.validation), test: ascending(parts.test) };
}

function rowsByClass(rows: number, classCodes: Int32Array): Int32Array[] {
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows; row++) {
    const group = groups.get(classCodes[row]);
    if (group === undefined) groups.set(classCodes[row], [row]);
    else group.push(row);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => Int32Array.from(group));
}

/** Divides `total` over the groups in proportion to their sizes: largest remainder (Hamilton, 1792). */
function allot(groups: readonly Int32Array[], total: number, left: readonly number[]): number[] {
  const rows = groups.reduce((sum, { length }) => sum + length, 0);
  const shares = groups.map(({ length }) => (rows === 0 ? 0 : (total * length) / rows));
  // A group can give all but one row; the one stays for training.
  const spare = left.map((count) => Math.max(0, count - 1));
  const given = shares.map((share, index) => Math.min(Math.floor(share), spare[index]));
  let open = total - given.reduce((sum, count) => sum + count, 0);
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: share - given[index] }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  // A second round is only needed when groups had nothing to spare; the last resort takes their one row.
  for (const limit of [spare, left]) {
    for (let progress = true; open > 0 && progress;) {
      progress = false;
      for (const { index } of byRemainder) {
        if (open === 0 || given[index] >= limit[index]) continue;
        given[index] += 1;
        open -= 1;
        progress = true;
      }
    }
  }
  return given;
}

/** `split` over chosen rows of a table (ascending), such as those with a target; `classCodes` has one per chosen row. */
export function splitRows(options: SplitOptions, rows: Int32Array, classCodes?: Int32Array): Split {
  const { train, validation, test } = split(options, rows.length, classCodes);
  const chosen = (part: Int32Array) => part.map((index) => rows[index]);
  return { train: chosen(train), validation: chosen(validation), test: chosen(test) };
}
