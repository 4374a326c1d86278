// Parallel text: two files of which line N of one translates line N of the other → two columns of text.
import { basename } from "node:path";
import type { ProblemList } from "../problems.ts";
import { asUtf8 } from "./encoding.ts";
import { type Part, partColumn, partNamed, partOfUpload } from "./parts.ts";
import { textLines } from "./plain-file.ts";
import type { PlainFile } from "./plain-file.ts";
import { checkNames } from "./raw-table.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";
import { textChecks } from "./text-checks.ts";

interface Pair {
  part: Part | null;
  files: [PlainFile, PlainFile];
}

const longestLine = 1024 * 1024;

/** The pairs that the files make: by what is before the ending of their names, else the two that a part has. */
export function pairsOf(files: readonly PlainFile[]): Pair[] | undefined {
  const groups = new Map<string, PlainFile[]>();
  for (const file of files) {
    const stem = languageField(file) === undefined ? stemOf(file) : "";
    const key = `${partOfUpload(file) ?? ""}/${stem}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const pairs: Pair[] = [];
  for (const [first, second, more] of groups.values()) {
    if (second === undefined || more !== undefined || languageOf(first) === languageOf(second)) return undefined;
    pairs.push({ part: partOfUpload(first), files: [first, second] });
  }
  const [one] = pairs;
  if (one === undefined) return undefined;
  const languages = one.files.map(languageOf);
  const same = pairs.every(({ files: both }) => both.every((file) => languages.includes(languageOf(file))));
  return same ? pairs : undefined;
}

export async function readParallelText(request: ReadRequest): Promise<RawTable | undefined> {
  const { connection, problems, table, temporaryFolder } = request;
  const surveyOf = (path: string) => ({ checks: textChecks(path, problems, longestLine) });
  const files = request.files.flatMap((file) => asUtf8(file, temporaryFolder, problems, surveyOf)?.file ?? []);
  if (problems.errors > 0) return undefined;
  const pairs = pairsOf(files);
  if (pairs === undefined) {
    const got = files.map(({ filename }) => `"${filename}"`).join(", ");
    problems.add(
      "wrong_file_count",
      {},
      `Parallel text is two files for each part, such as train.en and train.fr; got ${got}.`,
    );
    return undefined;
  }
  const languages = pairs[0].files.map(languageOf);
  const inParts = new Set(pairs.map(({ part }) => part)).size > 1;
  const names = [...languages, ...(inParts ? [partColumn] : [])];
  checkNames(names, null, problems);
  if (problems.errors > 0) return undefined;

  await connection.run(`create table ${table} (${names.map((_, index) => `c${index} varchar`).join(", ")})`);
  const appender = await connection.createAppender(table);
  for (const { part, files: both } of pairs) {
    const inOrder = languages.map((language) => both.find((file) => languageOf(file) === language)!);
    const rows = appendPair(inOrder, problems, (cells) => {
      for (const cell of cells) appender.appendVarchar(cell);
      if (inParts) appender.appendVarchar(part ?? "train");
      appender.endRow();
    });
    if (!rows) return undefined;
  }
  appender.closeSync();
  return { source: table, names, media: new Map(), stringColumns: new Set() };
}

/** Calls `append` with every pair of lines; false when there was a problem. */
function appendPair(files: readonly PlainFile[], problems: ProblemList, append: (cells: string[]) => void): boolean {
  const [left, right] = files.map(({ path }) => textLines(path));
  for (let line = 1; ; line++) {
    const [a, b] = [left.next(), right.next()];
    if (a.done === true && b.done === true) return true;
    if (a.done === true || b.done === true) {
      const short = a.done === true ? 0 : 1;
      const other = files[1 - short].filename;
      problems.add("lines_differ", { line, value: files[short].filename }, `${line - 1} lines, "${other}" has more`);
      return false;
    }
    append([a.value, b.value]);
  }
}

/** The field when it names a side or a language, not a part of the data. */
function languageField({ field }: PlainFile): string | undefined {
  return field === undefined || field === "file" || partNamed(field) !== null ? undefined : field;
}

/** "en" of "train.lc.norm.tok.en": the field it was sent in, else the ending of its name. */
function languageOf(file: PlainFile): string {
  return languageField(file) ?? /\.([^.]*)$/.exec(basename(file.filename))?.[1] ?? "";
}

function stemOf({ filename }: PlainFile): string {
  return filename.replace(/\.[^.]*$/, "");
}
