// Plain text: lines of one file, of one file for each part, or of two files that translate each other.
import { pairsOf, readParallelText } from "./parallel-text.ts";
import type { Reader } from "./raw-table.ts";
import { inParts } from "./table-parts.ts";
import { readTextLines } from "./text-lines.ts";

const readLines = inParts(readTextLines);

export const readText: Reader = async (request) =>
  request.files.length > 1 && pairsOf(request.files) !== undefined
    ? await readParallelText(request)
    : await readLines(request);
