// Lines of text: one row per line in one column called "text". Blank lines are no rows.
import { delimitedTable, maximumLineBytes } from "./csv.ts";
import { asUtf8 } from "./encoding.ts";
import { checkText } from "./plain-file.ts";
import type { RawTable, ReadRequest } from "./raw-table.ts";

/** The unit separator of ASCII, which no text holds: a line is one field. */
const noDelimiter = "\u001f";

export async function readTextLines(request: ReadRequest): Promise<RawTable | undefined> {
  const { files, temporaryFolder, problems } = request;
  const text = asUtf8(files[0], temporaryFolder, problems);
  if (text !== undefined) checkText(text.file, problems, maximumLineBytes);
  if (text === undefined || problems.errors > 0) return undefined;
  return {
    ...delimitedTable(
      request,
      text.file.path,
      { delimiter: noDelimiter, quote: "" },
      { names: ["text"], header: false },
    ),
    reading: { encoding: text.encoding },
  };
}
