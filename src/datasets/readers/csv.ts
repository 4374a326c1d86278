// CSV and TSV. DuckDB reads every cell as text and keeps a list of the lines it could not cut into fields.
import { join } from "node:path";
import { sqlText, trimCell } from "../cell.ts";
import { selectRows } from "../duckdb.ts";
import type { ProblemCode } from "../problems.ts";
import { hasHeader, nameOfIndex } from "./csv-header.ts";
import { preambleOf, withoutLines } from "./csv-preamble.ts";
import { copyWithEvenLineEnds, parseRecords, recordLines, sampleText, sniffDelimiter } from "./csv-records.ts";
import type { Dialect } from "./csv-records.ts";
import { sniffDecimal } from "./decimal-comma.ts";
import { asUtf8 } from "./encoding.ts";
import { isNumeric, likelyTypes } from "./likely-types.ts";
import { checkNames } from "./raw-table.ts";
import type { ReadRequest, RawTable } from "./raw-table.ts";
import { digitSeparatorCheck, lineEndCheck, longRecordCheck, textChecks } from "./text-checks.ts";

export const maximumLineBytes = 4 * 1024 * 1024;
const sampledRecords = 200;

/** DuckDB's name for what is wrong with a line → ours. */
const structuralProblems: Record<string, ProblemCode> = {
  "MISSING COLUMNS": "missing_fields",
  "TOO MANY COLUMNS": "extra_fields",
  "UNQUOTED VALUE": "unclosed_quote",
  "LINE SIZE OVER MAXIMUM": "line_too_long",
  "INVALID ENCODING": "invalid_encoding",
  "INVALID STATE": "unclosed_quote",
};

export async function readCsv(request: ReadRequest): Promise<RawTable | undefined> {
  const { options, problems, temporaryFolder } = request;
  checkDelimiter(request);
  const text = asUtf8(request.files[0], temporaryFolder, problems, (path) => surveyOf(path, request));
  if (text === undefined || request.faults.length > 0) return undefined;

  const { path } = text.file;
  const { sample, dialect, comments, separators, lineEnds } = text.survey;
  if (comments > 0) problems.add("skipped_comments", { line: dialect.preamble }, comments);
  let { records, unclosed } = parseRecords(sample, dialect, sampledRecords);
  // A header longer than the sample, or a quote left open in it.
  if (records.length <= 1)
    ({ records, unclosed } = parseRecords(tableText(path, dialect, maximumLineBytes), dialect, sampledRecords));
  if (records.length === 0) problems.add("empty_file");
  else if (records.length === 1 && unclosed) problems.add("unclosed_quote", { line: 1 });
  if (problems.errors > 0) return undefined;

  const header = options.header ?? hasHeader(records);
  const names = header ? records[0].map(trimCell) : records[0].map((_, index) => `column_${index + 1}`);
  const indexName = nameOfIndex(names);
  if (indexName !== undefined) {
    names[0] = indexName;
    problems.add("unnamed_index", { line: 1, column: indexName });
  }
  checkNames(names, header ? (recordLines(path, dialect, [0]).get(0) ?? 1) : null, problems);
  if (problems.errors > 0) return undefined;

  const rows = records.slice(header ? 1 : 0);
  const decimal = options.decimal ?? sniffDecimal(rows, dialect.delimiter);
  const table = delimitedTable(request, path, dialect, { names, header, mixedLineEnds: lineEnds.mixed() });
  // Where digits are grouped by underscores, every cell is read as text.
  const likely = [...likelyTypes(rows, names.length)].filter(([, type]) => !(isNumeric(type) && separators.holds()));
  return {
    ...table,
    ...(decimal === "." && { likelyTypes: new Map(likely) }),
    indexColumns: new Set(indexName === undefined ? [] : [0]),
    reading: { encoding: text.encoding, delimiter: dialect.delimiter, header, quoted: dialect.quote !== "", decimal },
  };
}

/** What the beginning of the file tells, and the checks that see all of it. */
function surveyOf(path: string, request: ReadRequest) {
  const { comments, ...dialect } = dialectOf(sampleText(path), request);
  const sample = tableText(path, dialect);
  const separators = digitSeparatorCheck();
  const lineEnds = lineEndCheck();
  const longRecord = longRecordCheck(path, dialect, request.problems, maximumLineBytes);
  const checks = [
    ...textChecks(path, request.problems, maximumLineBytes),
    longRecord,
    separators.check,
    lineEnds.check,
  ];
  return { sample, dialect, comments, separators, lineEnds, checks };
}

/** The beginning of the table itself. */
const tableText = (path: string, { preamble }: Dialect, bytes?: number) =>
  withoutLines(sampleText(path, bytes), preamble);

/** The cells of a file whose dialect is known. */
export function delimitedTable(
  request: ReadRequest,
  path: string,
  dialect: Dialect,
  { names, header, mixedLineEnds }: { names: string[]; header: boolean; mixedLineEnds: boolean },
): RawTable {
  let evenPath = path;
  if (mixedLineEnds) {
    evenPath = join(request.temporaryFolder, "even-line-ends.csv");
    copyWithEvenLineEnds(path, evenPath, dialect);
  }
  const firstRecord = header ? 1 : 0;
  return {
    source: readCsvCall(evenPath, dialect, header, names.length),
    sourceWith: (numbers, missing) => readCsvCall(evenPath, dialect, header, names.length, numbers, missing),
    notNumbers: () => columnsOfFailedCasts(request),
    names,
    media: new Map(),
    stringColumns: new Set(),
    linesOf(rows) {
      const lines = recordLines(
        path,
        dialect,
        rows.map((row) => row - 1 + firstRecord),
      );
      return new Map([...lines].map(([record, line]) => [record + 1 - firstRecord, line]));
    },
    afterReading: () => addRejects(request),
  };
}

function checkDelimiter({ options: { delimiter }, faults }: ReadRequest): void {
  if (delimiter === undefined || !['"', "\n", "\r", "\0"].includes(delimiter)) return;
  const detail = `${JSON.stringify(delimiter)} cannot be the delimiter: it has a meaning of its own.`;
  faults.push({
    pointer: "/options/delimiter",
    code: "invalid_delimiter",
    detail,
    hint: 'Use ",", ";", "|" or a tab.',
  });
}

function dialectOf(sample: string, { format, options }: ReadRequest): Dialect & { comments: number } {
  // A .tsv has no quoting (IANA text/tab-separated-values, 1993): a quote in it is a plain character.
  const quoted = options.quoted ?? format !== "tsv";
  const known = options.delimiter ?? (format === "tsv" ? "\t" : undefined);
  const { lines: preamble, comments, delimiter: told } = preambleOf(sample, known);
  const delimiter = known ?? told ?? sniffDelimiter(withoutLines(sample, preamble)).delimiter;
  return { delimiter, quote: quoted ? '"' : "", preamble, comments };
}

function readCsvCall(
  path: string,
  { delimiter, quote, preamble }: Dialect,
  header: boolean,
  width: number,
  numbers: ReadonlySet<number> = new Set(),
  missing: readonly string[] = [""],
): string {
  const typeOf = (index: number) => (numbers.has(index) ? "DOUBLE" : "VARCHAR");
  const columns = Array.from({ length: width }, (_, index) => `c${index}: '${typeOf(index)}'`);
  // DuckDB refuses a spelling that holds one of these; a column of numbers that has it is read as text then.
  const nulls = missing.filter((spelling) => !spelling.includes(delimiter) && !/["\r\n]/.test(spelling));
  return `read_csv(${sqlText(path)}, auto_detect = false, skip = ${preamble}, header = ${header}, delim = ${sqlText(delimiter)},
    quote = ${sqlText(quote)}, escape = ${sqlText(quote)}, comment = '', nullstr = [${nulls.map(sqlText).join(", ")}], strict_mode = true,
    columns = {${columns.join(", ")}}, store_rejects = true, rejects_limit = 10000,
    max_line_size = ${maximumLineBytes}, buffer_size = ${4 * maximumLineBytes})`;
}

/** The columns of the latest read with a cell that was to be a number and is none. */
async function columnsOfFailedCasts({ connection }: ReadRequest): Promise<number[]> {
  const failed = await selectRows(
    connection,
    `select distinct column_name from reject_errors where error_type = 'CAST'
     and scan_id = (select max(scan_id) from reject_scans)`,
  );
  return failed.map(([name]) => Number((name as string).slice(1)));
}

/** The lines DuckDB could not read, first the first. A line may have several faults: the first one counts. */
async function addRejects({ connection, problems }: ReadRequest): Promise<void> {
  const rejects = await selectRows(
    connection,
    `select line::integer, arg_min(error_type::varchar, coalesce(column_idx, 0)), arg_min(error_message, coalesce(column_idx, 0)), any_value(left(trim(csv_line, e'\\r\\n'), 100))
     from reject_errors where error_type <> 'CAST' group by line order by line limit 100`,
  );
  const total = Number(
    (await selectRows(connection, "select count(distinct line) from reject_errors where error_type <> 'CAST'"))[0][0],
  );
  for (const [line, kind, message, text] of rejects as [number, string, string, string][]) {
    const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
    const facts =
      kind === "LINE SIZE OVER MAXIMUM"
        ? maximumLineBytes / 1024 / 1024
        : counts === null
          ? ""
          : `${counts[2]} instead of ${counts[1]}`;
    problems.add(structuralProblems[kind] ?? "unclosed_quote", { line, value: text }, facts);
  }
  if (total > rejects.length) problems.addUnseen(total - rejects.length);
}
