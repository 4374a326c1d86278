// The lines before the table of delimited text: "sep=;", with which Excel is told the delimiter, and comments that begin with "#".
import { hasHeader } from "./csv-header.ts";
import { parseRecords, sniffDelimiter } from "./csv-records.ts";

export interface Preamble {
  /** How many lines of the file it takes, and how many of them are comments. */
  lines: number;
  comments: number;
  /** As the first line says. */
  delimiter?: string;
}

const sampledRecords = 50;
const lineEnd = /\r\n|\n|\r/;

/** What stands before the table that `sample` begins with. The names of the columns are no comment, even behind a "#". */
export function preambleOf(sample: string, knownDelimiter?: string): Preamble {
  const lines = sample.split(lineEnd);
  const told = /^sep=(.)$/i.exec(lines[0])?.[1];
  const first = told === undefined ? 0 : 1;
  let end = first;
  while (end < lines.length && (lines[end].startsWith("#") || (end > first && lines[end] === ""))) end += 1;
  const rest = lines.slice(end).join("\n");
  const delimiter = knownDelimiter ?? told ?? sniffDelimiter(rest).delimiter;
  const recordsOf = (text: string) => parseRecords(text, { delimiter, quote: '"' }, sampledRecords).records;
  const table = end > first ? recordsOf(rest) : [];
  const width = table[0]?.length ?? 0;
  // Of a single column, such as hashtags, nobody knows what is a comment.
  if (width < 2) end = first;
  else if (recordsOf(lines[end - 1])[0]?.length === width && !hasHeader(table)) end -= 1;
  return { lines: end, comments: end - first, ...(told !== undefined && { delimiter: told }) };
}

/** A text without its first lines. */
export function withoutLines(text: string, count: number): string {
  let rest = text;
  for (let line = 0; line < count; line++) {
    const end = lineEnd.exec(rest);
    rest = end === null ? "" : rest.slice(end.index + end[0].length);
  }
  return rest;
}
