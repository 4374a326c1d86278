// Lines of text: one row per line in one column called "text", or a column for each group of a pattern. Blank lines are no rows.
import { sqlText } from "../cell.ts";
import { selectRows } from "../duckdb.ts";
import { delimitedTable, maximumLineBytes } from "./csv.ts";
import { sampleText } from "./csv-records.ts";
import { asUtf8 } from "./encoding.ts";
import { patternOfLines } from "./line-pattern.ts";
import { compilePattern, groupsSql } from "./name-pattern.ts";
import { checkNames } from "./raw-table.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";
import { lineEndCheck, textChecks } from "./text-checks.ts";

/** The unit separator of ASCII, which no text holds: a line is one field. */
const noDelimiter = "\u001f";
const mismatchesNamed = 20;
const linesLookedAt = 200;

export async function readTextLines(request: ReadRequest): Promise<RawTable | undefined> {
  const { files, temporaryFolder, problems, options } = request;
  const text = asUtf8(files[0], temporaryFolder, problems, (path) => {
    const lineEnds = lineEndCheck();
    return { lineEnds, checks: [...textChecks(path, problems, maximumLineBytes), lineEnds.check] };
  });
  if (text === undefined) return undefined;
  const dialect = { delimiter: noDelimiter, quote: "", preamble: 0 };
  const facts = { names: ["text"], header: false, mixedLineEnds: text.survey.lineEnds.mixed() };
  const lines = delimitedTable(request, text.file.path, dialect, facts);
  const reading = { encoding: text.encoding };
  if (options.pattern !== undefined) return await splitLines(request, { ...lines, reading }, options.pattern);
  const likely = patternOfLines(
    sampleText(text.file.path)
      .split(/\r?\n|\r/)
      .slice(0, linesLookedAt),
  );
  if (likely !== undefined) problems.add("whole_lines", {}, likely);
  return { ...lines, reading };
}

/** A column for each group; a line that the pattern does not match is a problem. */
async function splitLines(
  { connection, problems, table }: ReadRequest,
  lines: RawTable,
  pattern: string,
): Promise<RawTable | undefined> {
  const compiled = compilePattern(pattern);
  checkNames(compiled.names, null, problems);
  await connection.run(`create table ${table} as select c0 as line from ${lines.source}`);
  await lines.afterReading?.();
  const stray = `from ${table} where not regexp_matches(line, ${sqlText(compiled.expression)})`;
  const named = await selectRows(
    connection,
    `select rowid + 1, left(line, 100) ${stray} order by rowid limit ${mismatchesNamed}`,
  );
  for (const [row, value] of named) {
    const place = { row: Number(row), line: lines.linesOf?.([Number(row)]).get(Number(row)) ?? null };
    problems.add("line_mismatch", { ...place, value: value as string }, pattern);
  }
  const [[count]] = await selectRows(connection, `select count(*)::integer ${stray}`);
  problems.addUnseen((count as number) - named.length);
  if (problems.errors > 0) return undefined;
  const { likelyTypes: _, sourceWith: __, notNumbers: ___, ...common } = lines;
  const columns = groupsSql(compiled, "line").map((group, index) => `${group} as c${index}`);
  const source = `(select ${columns.join(", ")} from ${table})`;
  return { ...common, source, names: compiled.names, afterReading: async () => {} };
}
