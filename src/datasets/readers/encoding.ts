// Which encoding a text has, and the same text as UTF-8: the only one that the readers and DuckDB take.
import { isUtf8 } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TextEncoding } from "../../contract/dataset.ts";
import type { ProblemList } from "../problems.ts";
import { firstBytes, pieces } from "./plain-file.ts";
import type { PlainFile } from "./plain-file.ts";
import { type Check, look, sequenceLength, utf8Check } from "./text-checks.ts";

/** What people call it. */
const titles: Record<TextEncoding, string> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16",
  "utf-16be": "UTF-16 (big endian)",
  "windows-1252": "Windows-1252 (Latin 1)",
};

/** Bytes to which Windows-1252 gives no character. */
const undefinedBytes = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/**
 * The file as UTF-8: itself, or a decoded copy in `folder` with a warning. Gives nothing, and a problem, when it is empty, when the
 * bytes are UTF-8 in one place and something else in another, or when a check finds one. `surveyOf` says what else is to be
 * found out in the same pass over the bytes; what it gives for the text as UTF-8 comes back.
 */
export function asUtf8<Survey extends { checks: readonly Check[] }>(
  file: PlainFile,
  folder: string,
  problems: ProblemList,
  surveyOf: (path: string) => Survey,
): { file: PlainFile; encoding: TextEncoding; survey: Survey } | undefined {
  const errors = problems.errors;
  if (file.bytes === 0) problems.add("empty_file");
  const wide = wideEncoding(firstBytes(file.path, 512));
  if (wide === undefined) {
    const utf8 = utf8Check();
    const survey = surveyOf(file.path);
    look(file.path, [utf8.check, ...survey.checks]);
    if (problems.errors > errors) return undefined;
    if (utf8.holds()) return { file, encoding: "utf-8", survey };
  }

  const encoding = wide ?? encodingOfStray(file.path);
  if (typeof encoding === "number") {
    problems.add("invalid_encoding", { line: encoding });
    return undefined;
  }
  const path = join(folder, `decoded-${file.path.split("/").at(-1)}`);
  const bytes = decodeInto(file.path, path, encoding);
  problems.add("decoded_text", {}, titles[encoding]);
  if (bytes === 0) problems.add("empty_file");
  const survey = surveyOf(path);
  look(path, survey.checks);
  return problems.errors > errors ? undefined : { file: { ...file, path, bytes }, encoding, survey };
}

/** UTF-16 shows in the first bytes of a file. */
function wideEncoding(head: Buffer): TextEncoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  return everyOtherZero(head);
}

/** Latin text in UTF-16 without a mark: every other byte is NUL. */
function everyOtherZero(head: Buffer): TextEncoding | undefined {
  const half = Math.floor(head.length / 2);
  const zeros = [0, 0];
  for (let i = 0; i < 2 * half; i++) if (head[i] === 0) zeros[i % 2] += 1;
  if (half < 2 || Math.max(...zeros) <= 0.8 * half || Math.min(...zeros) >= 0.2 * half) return undefined;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

/** Of a file that is not UTF-8: Windows-1252 when nothing in it is written as UTF-8, else the line of the first stray byte. */
function encodingOfStray(path: string): TextEncoding | number {
  let line = 1;
  let strayLine = 0;
  let open = 0; // bytes still to come of a character of UTF-8
  for (const piece of pieces(path)) {
    for (const byte of piece) {
      if (byte === 10) line += 1;
      const goesOn = byte >= 0x80 && byte < 0xc0;
      if (open > 0 && goesOn) {
        open -= 1;
        // One whole character of UTF-8: the stray bytes are damage, not another encoding.
        if (open === 0) return strayLine === 0 ? firstStrayLine(path) : strayLine;
        continue;
      }
      if (open > 0 || goesOn || byte >= 0xf8) {
        if (undefinedBytes.includes(byte)) return line;
        if (strayLine === 0) strayLine = line;
      }
      open = byte >= 0xc2 && byte < 0xf5 ? sequenceLength(byte) - 1 : 0;
    }
  }
  return "windows-1252";
}

/** The line of the first byte that is not UTF-8. */
function firstStrayLine(path: string): number {
  let line = 1;
  let rest = Buffer.alloc(0);
  for (const piece of pieces(path)) {
    const whole = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = whole.indexOf(10); end >= 0; end = whole.indexOf(10, start)) {
      if (!isUtf8(whole.subarray(start, end))) return line;
      line += 1;
      start = end + 1;
    }
    rest = whole.subarray(start);
  }
  return line;
}

/** Writes the text of `path` to `target` as UTF-8; gives its bytes. */
function decodeInto(path: string, target: string, encoding: TextEncoding): number {
  const decoder = new TextDecoder(encoding);
  const handle = openSync(target, "w");
  let bytes = 0;
  try {
    for (const piece of pieces(path)) bytes += writeSync(handle, decoder.decode(piece, { stream: true }));
    return bytes + writeSync(handle, decoder.decode());
  } finally {
    closeSync(handle);
  }
}
