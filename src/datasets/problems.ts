// What can be wrong or odd in data: one table of codes. Each entry says what was got; the hint says what mends it.
import type { DatasetProblem } from "../contract/dataset.ts";
import { DomainError } from "../errors.ts";
import type { Fault } from "../errors.ts";
import { mediaProblems } from "./media-problems.ts";

type Severity = DatasetProblem["severity"];
type Place = { row?: number | null; line?: number | null; column?: string | null; value?: string | null };

/** Severity, detail and hint; these may hold {row}, {line}, {column}, {value} and whatever the finder passes as `facts`. */
const problemKinds = {
  // the file as a whole
  empty_file: ["error", "There is no data: the file is empty.", "Send a file with a header line and at least one row."],
  unknown_format: [
    "error",
    "The format of this file is not recognised.",
    "Pass format: csv, tsv, json, ndjson, parquet, idx, npy or text.",
  ],
  unsupported_format: [
    "error",
    "This is {facts}, which is not read here.",
    "Convert it to CSV, JSON, Parquet, NPY or IDX, or send a ZIP of PNG, JPEG, WebP, WAV or MP3 files.",
  ],
  wrong_file_count: [
    "error",
    "{facts}",
    "Say which file is which with the fields train, validation and test, or send one file.",
  ],
  broken_gzip: ["error", "The gzip data is damaged or cut off: {facts}.", "Compress and send the file again."],
  too_large_unpacked: ["error", "Unpacked, the data is larger than {facts} MiB.", "Send fewer rows, or Parquet."],
  nul_byte: [
    "error",
    "Line {line} holds a NUL byte: this is not a text file.",
    "Check that the right file was sent, saved as UTF-8 text.",
  ],
  broken_file: ["error", "The file cannot be read: {facts}", "Check that it is complete and really of this format."],
  no_rows: ["error", "There is no data row.", "Send at least one row below the header."],
  no_columns: ["error", "There is no column.", "Send rows with at least one named value."],
  too_many_columns: [
    "error",
    "There are more than {facts} columns.",
    "Put long vectors into an image or IDX file, or drop columns.",
  ],
  // header and structure
  empty_column_name: [
    "error",
    "Column {facts} has no name in the header.",
    "Name every column, or pass header: false.",
  ],
  duplicate_column_name: ["error", 'Two columns are called "{column}".', "Give each column its own name."],
  long_column_name: [
    "error",
    "Column {facts} has a name of more than 256 characters.",
    "Shorten it. Is the delimiter right?",
  ],
  missing_fields: [
    "error",
    "Line {line} has fewer fields than the header: {facts}.",
    "Add the missing fields; an empty field is written as nothing between two delimiters.",
  ],
  extra_fields: [
    "error",
    "Line {line} has more fields than the header: {facts}.",
    'Quote fields that hold the delimiter: "a,b".',
  ],
  unclosed_quote: [
    "error",
    "A quoted field that starts in line {line} does not end properly.",
    "Close the quote right before the delimiter; write a quote inside a quoted field twice.",
  ],
  line_too_long: ["error", "Line {line} is longer than {facts} MiB.", "Split it. Is a quote or a line end missing?"],
  field_too_long: ["error", "A field is longer than 1 MiB.", "Shorten it. Is a quote missing?"],
  invalid_encoding: [
    "error",
    "Line {line} holds bytes that are not UTF-8.",
    "Save the file as UTF-8 and send it again.",
  ],
  malformed_json: [
    "error",
    "This is not JSON: {facts}",
    "Mend the place named. One JSON object per line is format ndjson.",
  ],
  not_an_object: ["error", "Row {row} is {facts}, not an object.", 'Write each row as {"column": value}.'],
  nested_value: [
    "error",
    'Row {row} has {facts} in column "{column}".',
    "In every row of a column: a single value, a list of numbers (a sequence) or of strings (labels). Flatten anything else into columns.",
  ],
  binary_column: ["error", 'Column "{column}" holds {facts}.', "Cells are single values: cast or drop this column."],
  // cells
  not_a_number: [
    "error",
    'Row {row} has "{value}" in column "{column}", whose other values are numbers.',
    "Fix the cell, or add its spelling to options.missing, or declare the column as category in options.columns.",
  ],
  non_finite: [
    "error",
    'Row {row} has "{value}" in column "{column}": not a finite number.',
    "Fix the cell, or add its spelling to options.missing.",
  ],
  not_an_integer: [
    "error",
    'Row {row} has "{value}" in column "{column}", which is declared as integer.',
    "Fix the cell, or declare the column as number or category.",
  ],
  not_a_boolean: [
    "error",
    'Row {row} has "{value}" in column "{column}", which is declared as boolean.',
    "Use true, false, yes, no, 1 or 0, or declare the column as category.",
  ],
  not_a_datetime: [
    "error",
    'Row {row} has "{value}" in column "{column}", which is declared as datetime.',
    "Write 2026-01-31 or 2026-01-31T10:00:00Z, or declare the column as text.",
  ],
  // oddities that do not stop anything
  decoded_text: [
    "warning",
    "The text is {facts}, not UTF-8; it was decoded.",
    "Look at the examples: are the letters right?",
  ],
  skipped_comments: [
    "warning",
    'The table begins below line {line}: {facts} lines that begin with "#" were taken for comments.',
    "Give the table alone if one of them holds the names of the columns.",
  ],
  unnamed_index: [
    "warning",
    'The first column has no name in the header, like a row index; it is called "{column}" here.',
    "It is not used as a feature unless asked for by name.",
  ],
  nan_as_missing: [
    "warning",
    'Column "{column}" has {facts} NaN, taken as missing.',
    "Leave the cell empty when that is meant.",
  ],
  mixed_values: [
    "warning",
    '{facts} of the values of column "{column}" are numbers, the others are not; it is read as words.',
    "Fix the other cells, or add their spelling to options.missing, to read it as numbers.",
  ],
  mixed_dates: [
    "warning",
    'All but {facts} of the values of column "{column}" are dates, the others are not (or no day of the calendar); it is read as words.',
    "Fix the other cells, or add their spelling to options.missing, to read it as dates.",
  ],
  numbers_as_strings: [
    "warning",
    'Column "{column}" holds numbers written as JSON strings, read as {facts}.',
    "Declare it as category in options.columns if they are names.",
  ],
  empty_column: ["warning", 'Column "{column}" has no value in any row.', "Drop it: it is never used as a feature."],
  inexact_integers: [
    "warning",
    'Column "{column}" holds integers beyond 2^53, up to {facts}: they were rounded to the numbers that 64 bits can hold.',
    "If they are names, such as ids, declare the column as category or text in options.columns; in JSON write them as strings.",
  ],
  constant_column: [
    "warning",
    'Column "{column}" has the same value in every row.',
    "It carries no information: leave it out of the features.",
  ],
  id_like_column: [
    "warning",
    'Column "{column}" has another value in every row, like an id.',
    "It is not used as a feature unless asked for by name.",
  ],
  part_overlap: [
    "warning",
    "{facts} rows of the given test and validation parts stand in the training part as well.",
    "Remove them from one part: a row that was trained on makes the score too good.",
  ],
  outliers: [
    "warning",
    'Column "{column}" has {facts} values more than ten interquartile ranges away from the middle half.',
    'Look at its minimum and maximum; scale the feature by its quantiles ("scale": "quantile_normal") if they are right.',
  ],
  determines_target: [
    "warning",
    'Column "{column}" alone determines the suggested target "{facts}".',
    "If it is only known together with the target, leave it out of the features.",
  ],
  class_imbalance: [
    "warning",
    '{facts} of the rows have the class "{value}" of the suggested target "{column}".',
    "Always answering it is right as often: look at the metrics per class, and set class_weight to balanced.",
  ],
  rare_classes: [
    "warning",
    '{facts} classes of the suggested target "{column}" have fewer than 5 rows, such as "{value}".',
    "Bring more rows of them, or join them into one class: they cannot be learnt or tested.",
  ],
  duplicate_rows: [
    "warning",
    "{facts} rows are copies of another row.",
    "Remove the copies: the same row in training and test makes the test score too good.",
  ],
  ...mediaProblems,
} as const satisfies Record<string, readonly [Severity, string, string]>;

export type ProblemCode = keyof typeof problemKinds;

/** At most so many are kept; the total is counted. */
export const problemsKept = 100;
const valueCharactersKept = 100;

/** What was found so far: the first hundred in full and the total. */
export class ProblemList {
  readonly kept: DatasetProblem[] = [];
  count = 0;
  errors = 0;

  /** Adds one finding. `times` > 1 counts findings beyond the one described, which were not looked at one by one. */
  add(code: ProblemCode, place: Place = {}, facts: string | number = "", times = 1): void {
    const [severity, detail, hint] = problemKinds[code];
    this.count += times;
    if (severity === "error") this.errors += times;
    const problem: DatasetProblem = {
      row: place.row ?? null,
      line: place.line ?? null,
      column: place.column ?? null,
      value: place.value === undefined || place.value === null ? null : place.value.slice(0, valueCharactersKept),
      code,
      severity,
      detail: "",
      hint,
    };
    const words: Record<string, string | number | null | undefined> = { ...problem, facts };
    const filled = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_, word: string) => String(words[word] ?? "?"));
    Object.assign(problem, { detail: filled(detail), hint: filled(hint) });
    if (this.kept.length < problemsKept) this.kept.push(problem);
  }

  /** Counts findings that are of the same kind as one added before but are not described. */
  addUnseen(times: number): void {
    this.count += times;
    this.errors += times;
  }
}

/** Data refused: the first hundred problems row by row, the total, and the same as faults. */
export class DatasetError extends DomainError {
  readonly problems: readonly DatasetProblem[];
  readonly problemCount: number;

  constructor(
    message: string,
    problems: readonly DatasetProblem[] = [],
    problemCount = problems.length,
    faults: readonly Fault[] = [],
  ) {
    super("invalid_dataset", message, {
      faults: [...faults, ...problems.filter((problem) => problem.severity === "error").map(asFault)],
    });
    this.name = "DatasetError";
    this.problems = problems;
    this.problemCount = problemCount;
  }
}

/** A problem in the form that all errors share: row, line, column and value go into the sentence. */
function asFault(problem: DatasetProblem): Fault {
  const place = [
    problem.row === null ? undefined : `row ${problem.row}`,
    problem.file === undefined ? undefined : `file "${problem.file}"`,
    problem.line === null ? undefined : `line ${problem.line}`,
    problem.column === null ? undefined : `column "${problem.column}"`,
    problem.value === null ? undefined : `value "${problem.value}"`,
  ].filter((part) => part !== undefined);
  const detail = place.length === 0 ? problem.detail : `${problem.detail} (${place.join(", ")})`;
  return { pointer: "", code: problem.code, detail, hint: problem.hint };
}
