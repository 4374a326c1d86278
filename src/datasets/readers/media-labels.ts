// What is said of pictures and sounds: by a table that came with them, else part and class by folder, more by a pattern of the
// file name.
import type { DuckDBConnection } from "@duckdb/node-api";
import { numberIn } from "../cell.ts";
import type { ProblemList } from "../problems.ts";
import type { MediaFile } from "./contents.ts";
import { listedLabels } from "./listed-labels.ts";
import { compilePattern, matchNames } from "./name-pattern.ts";
import type { ReadRequest } from "./raw-table.ts";
import { type Part, partColumn, partNamed, partOfUpload } from "./parts.ts";

/** Columns of text beside the media: names, and one list of cells for each file. */
export interface MediaLabels {
  names: string[];
  cells: string[][];
  /** The pattern that was found to fit all file names, when nothing else said what they are. */
  pattern?: string;
}

interface Place {
  part: Part | null;
  /** folders between the part and the file */
  folders: string[];
  /** file name without its ending */
  stem: string;
}

/** Patterns that file names often follow, tried where there are no class folders; `index` must be a number. */
const usualPatterns = ["{label}_{speaker}_{index}", "{label}_{index}", "{label}-{index}"] as const;

/** Nothing when there are problems. */
export async function labelsOf(request: ReadRequest): Promise<MediaLabels | undefined> {
  const { connection, media, problems, files, options } = request;
  const { pattern } = options;
  const places = placesOf(media);
  const listed = files.length === 0 ? undefined : await listedLabels(request, files[0]);
  if (problems.errors > 0) return undefined;
  const named = pattern === undefined ? (listed ?? byFolder(media, places, problems)) : undefined;
  const found = named ?? (await byPattern(connection, media, places, pattern, problems));
  const labels =
    found === listed || listed === undefined || found === undefined ? found : besideEachOther(found, listed);
  if (problems.errors > 0 || labels === undefined) return undefined;
  // Only one part is no split.
  if (new Set(places.map(({ part }) => part)).size < 2 || labels.names.includes(partColumn)) return labels;
  const stray = places.findIndex(({ part }) => part === null);
  if (stray >= 0) {
    problems.add("file_without_part", { row: stray + 1, value: media[stray].name });
    return undefined;
  }
  return {
    ...labels,
    names: [...labels.names, partColumn],
    cells: labels.cells.map((cells, index) => [...cells, places[index].part!]),
  };
}

/** What the names say, then what the table says. */
function besideEachOther(a: MediaLabels, b: MediaLabels): MediaLabels {
  return { names: [...a.names, ...b.names], cells: a.cells.map((cells, index) => [...cells, ...b.cells[index]]) };
}

function placesOf(media: readonly MediaFile[]): Place[] {
  const tops = new Map<MediaFile["source"], number>();
  return media.map((file) => {
    const path = file.name.split("/");
    if (!tops.has(file.source))
      tops.set(file.source, sharedFolders(media.filter(({ source }) => source === file.source)));
    const folders = path.slice(tops.get(file.source), -1);
    const part = folders.length === 0 ? null : partNamed(folders[0]);
    return {
      part: part ?? partOfUpload(file.source),
      folders: part === null ? folders : folders.slice(1),
      stem: path[path.length - 1].replace(/\.[^.]*$/, ""),
    };
  });
}

/** How many folders, from the top, hold everything there is and mean nothing by themselves. */
function sharedFolders(files: readonly MediaFile[]): number {
  const first = files[0].name.split("/").slice(0, -1);
  const different = first.findIndex((folder, depth) => {
    const start = `${first.slice(0, depth + 1).join("/")}/`;
    return partNamed(folder) !== null || !files.every(({ name }) => name.startsWith(start));
  });
  return different < 0 ? first.length : different;
}

/** A class per folder; undefined when there are no folders. */
function byFolder(
  media: readonly MediaFile[],
  places: readonly Place[],
  problems: ProblemList,
): MediaLabels | undefined {
  if (places.every(({ folders }) => folders.length === 0)) return undefined;
  const stray = places.findIndex(({ folders }) => folders.length === 0);
  if (stray >= 0) problems.add("file_without_class", { row: stray + 1, value: media[stray].name });
  return { names: ["label"], cells: places.map(({ folders }) => [folders[0]]) };
}

async function byPattern(
  connection: DuckDBConnection,
  media: readonly MediaFile[],
  places: readonly Place[],
  asked: string | undefined,
  problems: ProblemList,
): Promise<MediaLabels | undefined> {
  const stems = places.map(({ stem }) => stem);
  if (asked !== undefined) {
    const compiled = compilePattern(asked);
    const cells = await matchNames(connection, compiled, stems);
    cells.forEach((groups, index) => {
      if (groups === null) problems.add("pattern_mismatch", { row: index + 1, value: media[index].name }, asked);
    });
    return { names: compiled.names, cells: cells as string[][] };
  }
  for (const pattern of usualPatterns) {
    const compiled = compilePattern(pattern);
    const cells = await matchNames(connection, compiled, stems);
    const numbered = cells.every((groups) => groups !== null && numberIn(groups[groups.length - 1]) !== undefined);
    const classes = new Set(cells.map((groups) => groups?.[0]));
    if (numbered && 2 * classes.size <= stems.length)
      return { names: compiled.names, cells: cells as string[][], pattern };
  }
  return { names: ["file"], cells: media.map(({ name }) => [name]) };
}
