// What the text of one cell means. Each rule stands twice, side by side: as SQL for whole columns of an upload, and as
// JavaScript for a single value of a prediction. test/datasets/cell.test.ts holds the two against each other.

/** Cut from both ends of every cell. */
const blanks = " \t\r\n";

/** Spellings of "no value here", after trimming. `options.missing` adds to them. */
export const missingSpellings = ["", "NA", "N/A", "n/a", "null", "NULL", "None", "?", "-"] as const;

/** Not-a-number counts as missing too, but is worth a warning: it is mostly the trace of a failed computation. */
const nanSpellings = ["NaN", "nan"] as const;

/** What `clean` makes of every spelling of NaN. */
export const nanText = "NaN";

/** Beyond this a double no longer tells neighbouring integers apart. */
const largestInteger = Number.MAX_SAFE_INTEGER;

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const infinityPattern = /^[+-]?inf(inity)?$/i;
const integerPattern = /^[+-]?\d+$/;
const truePattern = /^(true|yes)$/i;
const falsePattern = /^(false|no)$/i;
/** ISO 8601 as RFC 3339 narrows it: a date, or a date and a time, with or without a zone (without: UTC); or a month. */
const datetimePattern = String.raw`^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?)?$`;

/** What of it DuckDB reads as a time: a zone only after seconds. */
const datetimeForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?:(:\d{2})(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?)?)?$/;

/** A number with a decimal comma; points may group its thousands. */
export const commaNumber = /^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?\s*$/;

/** A text as an SQL literal. DuckDB's parser stops at NUL, which no legitimate name or spelling holds. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", "''")}'`;
}

const sqlList = (texts: readonly string[]) => texts.map(sqlText).join(", ");

/** SQL of a cell without the blanks around it. */
export const trimmedSql = (c: string) => `trim(${c}, ${sqlText(blanks)})`;

/**
 * SQL macros: clean(c) makes NULL, 'NaN' or the text itself of a trimmed text; the is_… macros take a cleaned, non-null text.
 * list_contains, not IN: DuckDB 1.5 plans an IN of eight words for 10 ms per column, list_contains for nothing.
 */
export function cellMacros(moreMissing: readonly string[]): string[] {
  const missing = [...missingSpellings, ...moreMissing.map(trimCell)];
  const longest = Math.max(...[...missing, ...nanSpellings].map((spelling) => Buffer.byteLength(spelling)));
  return [
    `create macro clean(c) as case when strlen(c) > ${longest} then c
       when list_contains([${sqlList(missing)}], c) then null
       when list_contains([${sqlList(nanSpellings)}], c) then '${nanText}' else c end`,
    // DuckDB's cast takes digit separators ("1_000"), which no data format means.
    "create macro is_number(c) as (try_cast(c as double) is not null and not contains(c, '_'))",
    "create macro is_finite_number(c) as (is_number(c) and isfinite(try_cast(c as double)))",
    `create macro is_whole(c) as (is_finite_number(c) and abs(try_cast(c as double)) <= ${largestInteger} and try_cast(c as double) % 1 = 0)`,
    "create macro is_integer(c) as (is_whole(c) and not contains(c, '.') and not contains(lower(c), 'e'))",
    "create macro is_boolean(c) as (list_contains(['true', 'false', 'yes', 'no'], lower(c)))",
    // A month is its first day.
    "create macro time_in(c) as (try_cast(if(strlen(c) = 7, c || '-01', c) as timestamptz))",
    `create macro is_datetime(c) as (substr(c, 5, 1) = '-' and regexp_matches(c, ${sqlText(datetimePattern)}) and time_in(c) is not null)`,
  ];
}

/** The text without the blanks around it. */
export function trimCell(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && blanks.includes(text[start])) start += 1;
  while (end > start && blanks.includes(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/** True for every spelling of a missing value, NaN among them. */
export function isMissing(text: string): boolean {
  const trimmed = trimCell(text);
  return [...missingSpellings, ...nanSpellings].some((spelling) => spelling === trimmed);
}

/** The number a text means, ±Infinity for what no double holds, undefined when it means none. */
export function numberIn(text: string): number | undefined {
  const trimmed = trimCell(text);
  if (numberPattern.test(trimmed)) return Number(trimmed);
  if (infinityPattern.test(trimmed)) return trimmed.startsWith("-") ? -Infinity : Infinity;
  return undefined;
}

/** "1.234,5" → "1234.5"; any other text as it is. */
export function withDecimalPoint(text: string): string {
  return commaNumber.test(text) ? text.replaceAll(".", "").replace(",", ".") : text;
}

/** True when the text is written as an integer that a double holds exactly. */
export function isInteger(text: string): boolean {
  const trimmed = trimCell(text);
  return integerPattern.test(trimmed) && Math.abs(Number(trimmed)) <= largestInteger;
}

/** The truth value a text means, undefined when it means none. */
export function booleanIn(text: string): boolean | undefined {
  const trimmed = trimCell(text);
  if (truePattern.test(trimmed)) return true;
  return falsePattern.test(trimmed) ? false : undefined;
}

/** The time a text means in ms since 1970, undefined when it means none: a date, or a date and a time, without a zone UTC. */
export function datetimeIn(text: string): number | undefined {
  const trimmed = trimCell(text);
  // A month is its first day.
  const parts = datetimeForm.exec(trimmed.length === 7 ? `${trimmed}-01` : trimmed);
  if (parts === null) return undefined;
  const [, date, time = "00:00", seconds = ":00", fraction = "", zone = "Z"] = parts;
  // Date.parse takes 30 February for 1 March: the day must come back as it was.
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  const parsed = Date.parse(`${date}T${time}${seconds}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}
