// Walks the records of delimited text byte by byte (RFC 4180): finds the header, the delimiter and the line of a row.
// DuckDB reads the cells; this file only answers what DuckDB does not say.
import { closeSync, openSync, writeSync } from "node:fs";
import { firstBytes, pieces } from "./plain-file.ts";

export interface Dialect {
  delimiter: string;
  /** "" when quotes are plain characters */
  quote: string;
  /** So many lines stand before the table (csv-preamble.ts); they are no records. */
  preamble: number;
}

const candidateDelimiters = [",", ";", "\t", "|"] as const;
const sampleBytes = 256 * 1024;
const sampledRecords = 50;

/** The first bytes as text: without the byte order mark and without a character cut in half at the end. */
export function sampleText(path: string, bytes = sampleBytes): string {
  return new TextDecoder("utf-8").decode(firstBytes(path, bytes), { stream: true });
}

/**
 * The first `count` records of `text` as fields. Blank lines are no records. An unfinished last record is included;
 * `unclosed` says that it ends within quotes.
 */
export function parseRecords(
  text: string,
  { delimiter, quote }: Omit<Dialect, "preamble">,
  count: number,
): { records: string[][]; unclosed: boolean } {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let quoted = false;
  const endField = () => {
    record.push(field);
    field = "";
  };
  const endRecord = () => {
    endField();
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  };
  for (let i = 0; i < text.length && records.length < count; i++) {
    const character = text[i];
    if (quoted) {
      if (character !== quote) field += character;
      else if (text[i + 1] === quote) field += text[++i];
      else quoted = false;
    } else if (character === quote && field === "") quoted = true;
    else if (character === delimiter) endField();
    else if (character === "\n" || character === "\r") endRecord();
    else field += character;
  }
  if (records.length < count) endRecord();
  return { records, unclosed: quoted };
}

/**
 * The delimiter that cuts the sample into the most fields, the same number in (almost) every record. The score is 0 when none
 * does, 1 and more when two fields and more stand in every record.
 */
export function sniffDelimiter(text: string): { delimiter: string; score: number } {
  let best: { delimiter: string; score: number } = { delimiter: ",", score: 0 };
  for (const delimiter of candidateDelimiters) {
    const { records } = parseRecords(text, { delimiter, quote: '"' }, sampledRecords);
    const widths = records.map((record) => record.length);
    if (widths.length > 1 && text.length >= sampleBytes / 4) widths.pop(); // the last may be cut off
    const width = widths[0] ?? 1;
    const agreeing = widths.filter((other) => other === width).length / widths.length;
    const score = width < 2 ? 0 : agreeing * agreeing * Math.log2(width);
    if (score > best.score) best = { delimiter, score };
  }
  return best;
}

/** Lines (from 1) in which the wanted records (from 0, the header included) start. */
export function recordLines(path: string, dialect: Dialect, wanted: readonly number[]): Map<number, number> {
  const open = new Set(wanted);
  const found = new Map<number, number>();
  walkRecords(path, dialect, (record, line) => {
    if (open.delete(record)) found.set(record, line);
    return open.size > 0;
  });
  return found;
}

export const lineFeed = 10;
export const carriageReturn = 13;

/** Calls `visit(record, line)` at the start of each record until it returns false. Blank lines are no records. */
function walkRecords(path: string, dialect: Dialect, visit: (record: number, line: number) => boolean): void {
  const isQuoted = quoteTracker(dialect);
  let record = 0;
  let line = 1;
  let inRecord = false;
  let previous = 0;
  for (const piece of pieces(path)) {
    for (const byte of piece) {
      const lineEnd = byte === lineFeed || byte === carriageReturn;
      const inTable = line > dialect.preamble;
      if (inTable && !inRecord && !lineEnd) {
        if (!visit(record, line)) return;
        record += 1;
        inRecord = true;
      }
      if (inTable && !isQuoted(byte) && lineEnd) inRecord = false;
      if (byte === lineFeed ? previous !== carriageReturn : byte === carriageReturn) line += 1;
      previous = byte;
    }
  }
}

/** Takes byte after byte and says whether it stands within quotes. A quote opens at the start of a field only. */
export function quoteTracker({ quote, delimiter }: Dialect): (byte: number) => boolean {
  const quoteByte = quote === "" ? -1 : quote.charCodeAt(0);
  const delimiterByte = delimiter.charCodeAt(0);
  let quoted = false;
  let opens = true; // where a quote would open: at the start of a field, or right behind a closing one, being its double
  return (byte) => {
    if (byte === quoteByte) {
      const wasQuoted = quoted;
      quoted = !quoted && opens;
      opens = wasQuoted;
    } else if (!quoted) opens = byte === delimiterByte || byte === lineFeed || byte === carriageReturn;
    return quoted;
  };
}

/** Copies a file so that every line outside quotes ends in "\n": DuckDB reads no mixture. Cells keep their bytes. */
export function copyWithEvenLineEnds(path: string, target: string, dialect: Dialect): void {
  const isQuoted = quoteTracker(dialect);
  const handle = openSync(target, "w");
  let previous = 0;
  try {
    for (const piece of pieces(path)) {
      const even = Buffer.alloc(piece.length);
      let length = 0;
      for (const byte of piece) {
        const lineEnd = !isQuoted(byte) && (byte === lineFeed || byte === carriageReturn);
        const secondHalf = lineEnd && byte === lineFeed && previous === carriageReturn;
        if (!secondHalf) even[length++] = lineEnd ? lineFeed : byte;
        previous = byte;
      }
      writeSync(handle, even, 0, length);
    }
  } finally {
    closeSync(handle);
  }
}
