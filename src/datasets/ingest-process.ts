// The short-lived process that touches untrusted bytes. Gets one command, sends one answer, ends.
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetFormat } from "../contract/dataset.ts";
import type { Fault } from "../errors.ts";
import { buildTable } from "./build-table.ts";
import { type DatabaseLimits, openDatabase } from "./duckdb.ts";
import type { Answer, CellCommand, Command, ExportCommand, IngestCommand, RowsCommand } from "./ingest-protocol.ts";
import { limitMemory, offerToEndFirst } from "./memory-limit.ts";
import { ProblemList } from "./problems.ts";
import { openContents } from "./readers/contents.ts";
import { formatOf } from "./readers/detect.ts";
import { withSplit } from "./readers/given-split.ts";
import { checkPattern } from "./readers/name-pattern.ts";
import { plainFile } from "./readers/plain-file.ts";
import type { PlainFile } from "./readers/plain-file.ts";
import type { Reader } from "./readers/raw-table.ts";
import { inParts } from "./readers/table-parts.ts";
import { exportTable, selectCell, selectPreview } from "./preview.ts";
import { suggestTarget } from "./suggest-target.ts";

/** Loaded when needed: a format need not wait for the libraries of the others. */
const readers: Record<DatasetFormat, () => Promise<Reader>> = {
  csv: async () => inParts((await import("./readers/csv.ts")).readCsv),
  tsv: async () => inParts((await import("./readers/csv.ts")).readCsv),
  json: async () => inParts((await import("./readers/json.ts")).readJson),
  ndjson: async () => inParts((await import("./readers/json.ts")).readJson),
  parquet: async () => inParts((await import("./readers/parquet.ts")).readParquet),
  idx: async () => (await import("./readers/arrays.ts")).readIdx,
  npy: async () => (await import("./readers/arrays.ts")).readNpy,
  npz: async () => (await import("./readers/arrays.ts")).readNpy,
  images: async () => (await import("./readers/images.ts")).readImages,
  audio: async () => (await import("./readers/audio.ts")).readAudio,
  text: async () => (await import("./readers/text.ts")).readText,
};

const opened: (() => void)[] = [];

async function openForCommand(limits: DatabaseLimits): Promise<{ connection: DuckDBConnection }> {
  const database = await openDatabase(limits);
  opened.push(database.close);
  return database;
}

function closeDatabases(): void {
  for (const close of opened.splice(0)) close();
}

async function ingest(command: IngestCommand): Promise<Answer> {
  const { limits, parquetPath, temporaryFolder } = command;
  const problems = new ProblemList();
  const faults: Fault[] = [];
  const refused = (): Answer => {
    const errors = problems.kept.filter(({ severity }) => severity === "error");
    const message =
      errors.length + faults.length === 1
        ? (errors[0] ?? faults[0]).detail
        : `The data has ${problems.errors + faults.length} errors.`;
    return { kind: "refused", message, problems: problems.kept, problemCount: problems.count, faults };
  };

  const maximumBytes = limits.unpackedMegabytes * 1024 * 1024;
  const unpacked = { count: 0, most: maximumBytes };
  const plain: PlainFile[] = [];
  for (const [index, file] of command.files.entries()) {
    const one = await plainFile(file, join(temporaryFolder, `unpacked-${index}`), unpacked, problems);
    if (one === undefined) return refused();
    plain.push(one);
  }
  const contents = await openContents(plain, { temporaryFolder, unpacked, problems });
  if (contents === undefined) return refused();
  const { files, media } = contents;
  const format = formatOf(contents, command.format ?? undefined, problems);
  if (format === undefined || problems.errors > 0) return refused();

  const paths = [...files.map(({ path }) => path), parquetPath];
  const { connection } = await openForCommand({
    memoryMegabytes: limits.databaseMegabytes,
    threads: limits.threads,
    temporaryFolder,
    paths,
  });
  await checkPattern(connection, command.options, faults);
  if (faults.length > 0) return refused();
  const reader = await readers[format]();
  const read = await reader({
    connection,
    files,
    media,
    table: "raw",
    maximumBytes,
    format,
    options: command.options,
    temporaryFolder,
    problems,
    faults,
  });
  if (read === undefined || problems.errors > 0 || faults.length > 0) return refused();
  const raw = await withSplit(read, command.options, faults);
  if (faults.length > 0) return refused();
  const options = { ...command.options, ...raw.options };
  const table = await buildTable(connection, raw, options, problems, faults, parquetPath);
  if (table === undefined) return refused();
  return {
    kind: "ingested",
    dataset: {
      format,
      reading: {
        files: command.files.map(({ filename }) => filename),
        ...raw.reading,
        ...(options.missing !== undefined && { missing: options.missing }),
      },
      parquetPath,
      ...table,
      problems: problems.kept,
      problemCount: problems.count,
      suggestedTarget: suggestTarget(table.columns),
      name: raw.name ?? null,
    },
  };
}

/** Commands about a table that was ingested before. */
async function show(command: RowsCommand | CellCommand | ExportCommand): Promise<Answer> {
  const { limits, parquetPath, temporaryFolder } = command;
  const { connection } = await openForCommand({
    memoryMegabytes: limits.databaseMegabytes,
    threads: limits.threads,
    temporaryFolder,
    paths: [parquetPath, ...(command.command === "export" ? [command.exportPath] : [])],
  });
  switch (command.command) {
    case "rows":
      return { kind: "rows", rows: await selectPreview(connection, command) };
    case "cell":
      return { kind: "cell", cell: (await selectCell(connection, command)) ?? null };
    case "export":
      await exportTable(connection, command);
      return { kind: "exported" };
    default:
      return command satisfies never;
  }
}

/** What stopped the work, in words for people: without paths of this machine. */
function failure(error: unknown, { temporaryFolder, ...command }: Command): Answer {
  const paths =
    command.command === "ingest" ? command.files.map(({ path }) => path) : [command.parquetPath, temporaryFolder];
  const message = paths.reduce(
    (text, path) => text.replaceAll(path, "the file"),
    error instanceof Error ? error.message : String(error),
  );
  if (/no space left|ENOSPC|max_temp_directory_size/i.test(message)) {
    return {
      kind: "failed",
      code: "storage_full",
      message: "The disk is full: the data could not be unpacked.",
      hint: "Free some space and send it again.",
    };
  }
  if (/out of memory/i.test(message)) {
    return {
      kind: "failed",
      code: "invalid_dataset",
      message: `Reading the data needs more memory than the ${command.limits.databaseMegabytes} MiB allowed.`,
      hint: "Send fewer rows or columns, or shorter texts.",
    };
  }
  if (error instanceof TypeError || error instanceof ReferenceError) {
    return {
      kind: "failed",
      code: "internal",
      message: "The data was not read: a defect of ours.",
      hint: "Report it with the request_id, and the file if you can.",
      stack: error.stack ?? message,
    };
  }
  const line = message.split("\n", 1)[0];
  return {
    kind: "failed",
    code: "invalid_dataset",
    message: `The data cannot be read: ${line}`,
    hint: "Check that the file is complete and really of this format.",
  };
}

// One command at a time; the server ends the process when it wants no more.
process.on("message", (command: Command) => {
  const unlimit = limitMemory(command.limits.residentMegabytes);
  const work = command.command === "ingest" ? ingest(command) : show(command);
  void work
    .catch((error: unknown) => failure(error, command))
    .then((answer) => {
      // Now, as the process is killed when it has answered. Nothing is written where nothing new was loaded.
      flushCompileCache();
      // First the answer: who waits for it need not wait until the tables are given back.
      process.send!(answer);
      closeDatabases();
      unlimit();
    });
});
offerToEndFirst();
// The server is gone: nobody waits for the answer.
process.once("disconnect", () => process.exit(0));
