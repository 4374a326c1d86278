// The server's side of reading data: starts the ingest process, bounds it, and turns however it ends into an answer.
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Cell, ColumnSchema, DatasetFormat, DatasetOptions } from "../contract/dataset.ts";
import { DomainError } from "../errors.ts";
import { defaultLimits } from "./ingest-protocol.ts";
import type {
  Answer,
  CellCommand,
  Command,
  IngestCommand,
  IngestedDataset,
  IngestFile,
  IngestLimits,
  ShownCell,
} from "./ingest-protocol.ts";
import { DatasetError } from "./problems.ts";
import { gate, inKeptProcesses, runAlone } from "./run-command.ts";

/** So many processes at once; others wait. Each may take the memory that its limits allow. */
const enterIngest = gate(4);
const enterExport = gate(2);
/** Small data of clients, and tables of ours, of which a page or a picture is shown: apart, as only the former can do harm. */
const readSmall = inKeptProcesses(2);
const showTable = inKeptProcesses(1);

/**
 * Reads uploaded files into a typed table, stored as Parquet in `workFolder` (the caller moves or deletes it).
 * Throws DatasetError("invalid_dataset") with row-precise `problems`, DomainError("storage_full"), or the reason of
 * `signal`; then nothing is left in `workFolder`.
 */
export async function ingest(
  request: {
    files: IngestFile[];
    format?: DatasetFormat;
    options?: DatasetOptions;
    workFolder: string;
    limits?: Partial<IngestLimits>;
    /** The data is small: it is read in a process that is kept for such, which saves its start. */
    small?: boolean;
  },
  signal?: AbortSignal,
): Promise<IngestedDataset> {
  const limits = { ...defaultLimits, ...request.limits };
  const parquetPath = join(request.workFolder, `table-${randomUUID()}.parquet`);
  const leave = request.small === true ? () => {} : await enterIngest();
  const run = request.small === true ? readSmall : runAlone;
  try {
    const answer = await inProcess(run, request.workFolder, limits, signal, (temporaryFolder) => ({
      command: "ingest",
      files: request.files,
      format: request.format ?? null,
      options: request.options ?? {},
      temporaryFolder,
      parquetPath,
      limits,
    }));
    if (answer.kind === "ingested") return answer.dataset;
    throw asError(answer);
  } catch (error) {
    await rm(parquetPath, { force: true });
    throw error;
  } finally {
    leave();
  }
}

/** A page of rows as objects by column name; one after the other. */
export async function readRows(
  parquetPath: string,
  columns: readonly Pick<ColumnSchema, "name" | "type">[],
  page: { offset: number; limit: number; workFolder: string; address?: string },
  signal?: AbortSignal,
): Promise<Record<string, Cell>[]> {
  const { workFolder, address = "", ...place } = page;
  const shown = columns.map(({ name, type }) => ({ name, type }));
  const answer = await show(workFolder, signal, { command: "rows", parquetPath, columns: shown, address, ...place });
  if (answer.kind === "rows") return answer.rows;
  throw asError(answer);
}

/** The image or sound of a row (from 1) as a file; undefined when it is missing. */
export async function readCell(
  parquetPath: string,
  cell: Pick<CellCommand, "index" | "column" | "row">,
  workFolder: string,
  signal?: AbortSignal,
): Promise<ShownCell | undefined> {
  const answer = await show(workFolder, signal, { command: "cell", parquetPath, ...cell });
  if (answer.kind === "cell") return answer.cell ?? undefined;
  throw asError(answer);
}

/** Writes the table as Parquet with the names of its columns to a new file in `workFolder`; the caller removes it. */
export async function exportParquet(
  parquetPath: string,
  names: string[],
  workFolder: string,
  signal?: AbortSignal,
): Promise<string> {
  const exportPath = join(workFolder, `export-${randomUUID()}.parquet`);
  try {
    const answer = await show(workFolder, signal, { command: "export", parquetPath, names, exportPath });
    if (answer.kind === "exported") return exportPath;
    throw asError(answer);
  } catch (error) {
    await rm(exportPath, { force: true });
    throw error;
  }
}

/** What the commands about a stored table share: their limits, a temporary folder. An export may take long: it waits for no one. */
async function show(workFolder: string, signal: AbortSignal | undefined, command: ShowCommand): Promise<Answer> {
  const limits = { ...defaultLimits, seconds: 60, heapMegabytes: 256, databaseMegabytes: 512 };
  const isExport = command.command === "export";
  const leave = isExport ? await enterExport() : () => {};
  try {
    return await inProcess(isExport ? runAlone : showTable, workFolder, limits, signal, (temporaryFolder) => ({
      ...command,
      temporaryFolder,
      limits,
    }));
  } finally {
    leave();
  }
}

type WithoutLimits<C> = C extends unknown ? Omit<C, "temporaryFolder" | "limits"> : never;
type ShowCommand = WithoutLimits<Exclude<Command, IngestCommand>>;

/** Runs one command in a process, with a temporary folder of its own, which is gone when this returns or throws. */
async function inProcess(
  run: typeof runAlone,
  workFolder: string,
  limits: IngestLimits,
  signal: AbortSignal | undefined,
  commandFor: (temporaryFolder: string) => Command,
): Promise<Answer> {
  signal?.throwIfAborted();
  const temporaryFolder = join(workFolder, `ingest-${randomUUID()}`);
  await mkdir(temporaryFolder, { recursive: true });
  try {
    return await run(commandFor(temporaryFolder), limits, signal);
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

function asError(answer: Answer): DomainError {
  if (answer.kind === "refused")
    return new DatasetError(answer.message, answer.problems, answer.problemCount, answer.faults);
  if (answer.kind === "failed") {
    const { code, message, hint, stack } = answer;
    return new DomainError(code, message, { hint, ...(stack !== undefined && { cause: stack }) });
  }
  throw new Error(`The ingest process answered "${answer.kind}" to another command.`);
}
