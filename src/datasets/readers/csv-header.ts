// Whether the first record of delimited text names the columns, and how columns without a name are called.
import { booleanIn, isMissing, numberIn, trimCell } from "../cell.ts";

type Records = readonly (readonly string[])[];

const isName = (text: string) => !isMissing(text) && numberIn(text) === undefined && booleanIn(text) === undefined;
const isBlank = (text: string) => trimCell(text) === "";

interface HeaderRule {
  header: boolean;
  when: (first: readonly string[], rest: Records) => boolean;
}

/** The first rule that holds decides. */
const rules: readonly HeaderRule[] = [
  // A word above nothing but numbers is the name of that column.
  {
    header: true,
    when: (first, rest) =>
      first.some((name, column) => {
        const below = rest.map((record) => record[column] ?? "").filter((text) => !isMissing(text));
        return isName(name) && below.length > 0 && below.every((text) => numberIn(text) !== undefined);
      }),
  },
  // 2019, 2020, 2021 or 0, 1, 2, …: numbered columns, unless the rows below count up as well.
  {
    header: true,
    when: (first, rest) => countsUp(first) && rest.length > 0 && !rest.slice(0, 5).some(countsUp),
  },
  {
    header: false,
    when: (first) => first.some((text) => numberIn(text) !== undefined || booleanIn(text) !== undefined),
  },
  // Words only, above words only: sentences are data, and so is what stands again in its own column.
  { header: false, when: (first) => first.some((text) => /[.!?:"'`«»„“]$|^["'`«„“]/.test(trimCell(text))) },
  {
    header: false,
    when: (first, rest) => first.some((text, column) => !isBlank(text) && standsBelow(text, column, rest)),
  },
  // Left: words and empty fields only ("," as an unfinished header).
  { header: true, when: () => true },
];

export function hasHeader([first, ...rest]: Records): boolean {
  return rules.find(({ when }) => when(first, rest))!.header;
}

const standsBelow = (text: string, column: number, rest: Records) =>
  rest.some((record) => trimCell(record[column] ?? "") === trimCell(text));

/** Whole numbers one apart: three or more, or two that are years beside a word. */
function countsUp(record: readonly string[]): boolean {
  const words = record.filter((text) => numberIn(text) === undefined);
  const numbers = record.flatMap((text) => numberIn(text) ?? []);
  const inSteps = numbers.every(
    (number, at) => Number.isInteger(number) && (at === 0 || number === numbers[at - 1] + 1),
  );
  const years = numbers.every((number) => number >= 1000 && number <= 2200);
  const enough = numbers.length > 2 || (numbers.length === 2 && years && words.length > 0);
  return enough && inSteps && words.every((text) => isName(text) || isBlank(text));
}

/** pandas writes its row index under an empty first name: that gets a name of ours, other columns must have their own. */
export function nameOfIndex(names: readonly string[]): string | undefined {
  const [first, ...others] = names;
  if (first !== "" || others.length === 0 || others.includes("")) return undefined;
  return others.includes("index") ? "column_1" : "index";
}
