// The server's side of reading data: starts the ingest process, bounds it, and turns however it ends into an answer.
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

/** The process runs as .ts from the sources and as .js from the build, whichever this file is. */
const processPath = fileURLToPath(import.meta.url.replace(/ingest\.(ts|js)$/, "ingest-process.$1"));
const standardErrorKept = 4000;

/** So many processes at once; others wait. Each may take the memory that its limits allow. */
const ingestSlots = slots(4);
const previewSlots = slots(2);

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
  },
  signal?: AbortSignal,
): Promise<IngestedDataset> {
  const limits = { ...defaultLimits, ...request.limits };
  const parquetPath = join(request.workFolder, `table-${randomUUID()}.parquet`);
  const release = await ingestSlots();
  try {
    const answer = await inProcess(request.workFolder, limits, signal, (temporaryFolder) => ({
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
    release();
  }
}

/** A page of rows as objects by column name, read in a process of its own; at most two at once, others wait. */
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

/** The image or sound of a row (from 1) as a file, read in a process of its own; undefined when it is missing. */
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

/** What the commands about a stored table share: their limits, a slot, a temporary folder. */
async function show(workFolder: string, signal: AbortSignal | undefined, command: ShowCommand): Promise<Answer> {
  const limits = { ...defaultLimits, seconds: 60, heapMegabytes: 256, databaseMegabytes: 512 };
  const release = await previewSlots();
  try {
    return await inProcess(workFolder, limits, signal, (temporaryFolder) => ({ ...command, temporaryFolder, limits }));
  } finally {
    release();
  }
}

type WithoutLimits<C> = C extends unknown ? Omit<C, "temporaryFolder" | "limits"> : never;
type ShowCommand = WithoutLimits<Exclude<Command, IngestCommand>>;

/** Runs one command in a process with a temporary folder of its own; both are gone when this returns or throws. */
async function inProcess(
  workFolder: string,
  limits: IngestLimits,
  signal: AbortSignal | undefined,
  commandFor: (temporaryFolder: string) => Command,
): Promise<Answer> {
  signal?.throwIfAborted();
  const temporaryFolder = join(workFolder, `ingest-${randomUUID()}`);
  await mkdir(temporaryFolder, { recursive: true });
  try {
    return await runProcess(commandFor(temporaryFolder), limits, signal);
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

/** Resolves only after the process has ended, so that its files can be removed. */
function runProcess(command: Command, limits: IngestLimits, signal: AbortSignal | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = fork(processPath, [], {
      execArgv: [`--max-old-space-size=${limits.heapMegabytes}`, "--disable-warning=ExperimentalWarning"],
      env: {}, // it needs nothing, and must not see API keys
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "advanced", // pictures and sounds come back as bytes
    });
    let answer: Answer | undefined;
    let standardError = "";
    let timedOut = false;
    const end = () => void child.kill("SIGKILL");
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, limits.seconds * 1000);
    signal?.addEventListener("abort", end, { once: true });
    child
      .stderr!.setEncoding("utf8")
      .on("data", (text: string) => (standardError = (standardError + text).slice(-standardErrorKept)));
    child.once("message", (message) => (answer = message as Answer));
    child.once("error", (error) => (standardError += error.message));
    child.once("close", (code, killedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else if (answer !== undefined) resolve(answer);
      else resolve(endWithoutAnswer(timedOut, limits, standardError, killedBy ?? `exit code ${code}`));
    });
    child.send(command, () => {}); // a failed send shows as an end without answer
  });
}

function endWithoutAnswer(timedOut: boolean, limits: IngestLimits, standardError: string, end: string): Answer {
  const failed = (message: string, hint: string): Answer => ({
    kind: "failed",
    code: "invalid_dataset",
    message,
    hint,
  });
  if (timedOut)
    return failed(
      `Reading the data took longer than ${limits.seconds} s and was stopped.`,
      "Send fewer rows, or Parquet.",
    );
  if (/heap out of memory|Allocation failed/i.test(standardError)) {
    return failed(
      `Reading the data needs more memory than the ${limits.heapMegabytes} MiB allowed.`,
      "Send CSV, NDJSON or Parquet instead of one JSON array, or fewer rows.",
    );
  }
  return failed(
    `The process that reads the data ended unexpectedly (${end}).`,
    "Check that the file is complete and really of this format; smaller files need less memory.",
  );
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

/** A gate through which `count` callers can be at once: `await gate()` gives the function that makes room again. */
function slots(count: number): () => Promise<() => void> {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return release;
  };
}
