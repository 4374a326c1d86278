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

/** SQL of a cell without the blanks around it. Nearly every cell has none, and asking is ten times as fast as cutting. */
export function trimmedSql(c: string): string {
  const ends = Array.from(blanks, (blank) => `suffix(${c}, ${sqlText(blank)})`);
  return `case when ${c} < '!' or ${ends.join(" or ")} then trim(${c}, ${sqlText(blanks)}) else ${c} end`;
}

/** What a cleaned text is. A number is "integer" when it is written as one and a double holds it exactly. */
export type CellKind = "integer" | "number" | "infinite" | "boolean" | "datetime" | "nan" | "word";

/**
 * SQL macros: clean(c) makes NULL, 'NaN' or the text itself of a trimmed text; the others take a cleaned, non-null text.
 * list_contains, not IN: DuckDB 1.5 plans an IN of eight words for 10 ms per column, list_contains for nothing.
 * CASE, not AND: only CASE passes over the cells that are decided. And a cast that fails is dear, so that it is tried only
 * on what begins like a number or a date, with a character from '+' to '9'.
 */
export function cellMacros(moreMissing: readonly string[]): string[] {
  const missing = [...missingSpellings, ...moreMissing.map(trimCell)];
  const longest = Math.max(...[...missing, ...nanSpellings].map((spelling) => Buffer.byteLength(spelling)));
  return [
    `create macro clean(c) as case when strlen(c) > ${longest} then c
       when list_contains([${sqlList(missing)}], c) then null
       when list_contains([${sqlList(nanSpellings)}], c) then '${nanText}' else c end`,
    "create macro is_boolean(c) as case when strlen(c) > 5 then false else list_contains(['true', 'false', 'yes', 'no'], lower(c)) end",
    // A month is its first day.
    "create macro time_in(c) as (try_cast(if(strlen(c) = 7, c || '-01', c) as timestamptz))",
    `create macro is_datetime(c) as case when substr(c, 5, 1) <> '-' then false
       when regexp_matches(c, ${sqlText(datetimePattern)}) then time_in(c) is not null else false end`,
    `create macro kind(c) as case
       when c >= '+' and c < ':' then case
         when is_datetime(c) then 'datetime'
         -- DuckDB's cast takes digit separators ("1_000"), which no data format means.
         when try_cast(c as double) is null or contains(c, '_') then 'word'
         when not isfinite(try_cast(c as double)) then 'infinite'
         when contains(c, '.') or contains(lower(c), 'e') then 'number'
         when abs(try_cast(c as double)) <= ${largestInteger} then 'integer' else 'number' end
       when strlen(c) > 8 then 'word'
       when is_boolean(c) then 'boolean'
       when c = '${nanText}' then 'nan'
       when list_contains(['inf', 'infinity', 'nan'], lower(c)) then 'infinite' else 'word' end`,
    "create macro is_number(c) as (kind(c) in ('integer', 'number', 'infinite'))",
    `create macro is_whole(c) as case when is_number(c)
       then abs(try_cast(c as double)) <= ${largestInteger} and try_cast(c as double) % 1 = 0 else false end`,
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
