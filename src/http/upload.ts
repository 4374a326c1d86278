// Receives dataset uploads: every byte goes straight to disk, counted and hashed on its way, never through the heap.
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { type DatasetFormat, type DatasetOptions, datasetOptions, datasetUploadQuery } from "../contract/dataset.ts";
import { suggestName } from "../contract/strict-object.ts";
import type { IngestFile } from "../datasets/ingest-protocol.ts";
import { DomainError, type Fault } from "../errors.ts";
import { faultsOf } from "./request-validation.ts";

export interface Upload {
  files: IngestFile[];
  name?: string;
  format?: DatasetFormat;
  options?: DatasetOptions;
  /** SHA-256 over all bytes and fields. */
  fingerprint: string;
  /** Removes what was received. */
  discard: () => Promise<void>;
}

const maximumFields = 10;
const maximumFiles = 100;
/** A file goes into "file", or into the part or the side of a translation that it is; or into its language, such as "en". */
const fileFields = ["file", "train", "validation", "test", "source", "target"];
const language = /^[a-z]{2,3}(-[A-Za-z]{2,8})?$/;
const fieldNames = [...fileFields, "name", "format", "options"];

/**
 * Writes the request's file or files into a new folder below `folder`.
 * @throws DomainError `payload_too_large` past `limitBytes`, `invalid_request` for unknown fields; nothing is left then
 */
export async function receiveUpload(request: FastifyRequest, folder: string, limitBytes: number): Promise<Upload> {
  const home = join(folder, `upload-${randomUUID()}`);
  await mkdir(home, { recursive: true });
  const discard = () => rm(home, { recursive: true, force: true });
  const receiver = new Receiver(home, limitBytes);
  try {
    const fields = request.isMultipart() ? await receiveParts(request, receiver) : await receiveBody(request, receiver);
    const settings = checkFields(fields);
    if (receiver.files.length === 0) {
      throw new DomainError("invalid_request", "The upload holds no file.", {
        hint: "curl -F file=@data.csv …/v1/datasets",
      });
    }
    receiver.digest.update(JSON.stringify(settings));
    return { files: receiver.files, ...settings, fingerprint: receiver.digest.digest("hex"), discard };
  } catch (error) {
    await discard();
    throw asDomainError(error, request);
  }
}

/** What went wrong while receiving: our disk, the client's connection, or the form of what it sent. */
function asDomainError(error: unknown, request: FastifyRequest): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (error instanceof DomainError || code.startsWith("FST_")) return error;
  if (["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) {
    return new DomainError("storage_full", "There is no space to receive this upload.", {
      hint: "Free space on the server's disk, then send it again.",
      cause: error,
    });
  }
  if (request.raw.destroyed && !request.raw.complete) return cutOff();
  // The parser of multipart bodies names neither a code nor a class.
  if (request.isMultipart() && /multipart|boundary|form|header/i.test(message)) {
    return new DomainError("malformed_request", `The multipart body cannot be read: ${message}.`, {
      hint: "Let the client make it: curl -F file=@data.csv …/v1/datasets",
    });
  }
  return error;
}

/** The client went away or was too slow: nobody reads this answer, but it is no failure of ours. */
function cutOff(): DomainError {
  return new DomainError("malformed_request", "The upload was cut off before its end.", { hint: "Send it again." });
}

class Receiver {
  readonly files: IngestFile[] = [];
  readonly digest = createHash("sha256");
  readonly #folder: string;
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  async write(source: Readable, filename: string, contentType?: string, field?: string): Promise<void> {
    const path = join(this.#folder, `part-${this.files.length}`);
    this.digest.update(JSON.stringify([filename, contentType ?? null, field ?? null]));
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#bytes += chunk.byteLength;
        if (this.#bytes > this.#limitBytes) return done(tooLarge(this.#limitBytes));
        this.digest.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(source, count, createWriteStream(path));
    this.files.push({
      path,
      filename,
      ...(contentType === undefined ? {} : { contentType }),
      ...(field === undefined ? {} : { field }),
    });
  }
}

function tooLarge(limitBytes: number): DomainError {
  return new DomainError("payload_too_large", `The upload is larger than ${limitBytes} bytes.`, {
    hint: "Send it compressed (.gz) or as Parquet, or raise DELTARULE_UPLOAD_LIMIT_BYTES.",
  });
}

async function receiveParts(request: FastifyRequest, receiver: Receiver): Promise<Map<string, string>> {
  const fields = queryFields(request);
  const unknown: Fault[] = [];
  for await (const part of request.parts({
    limits: { files: maximumFiles, fields: maximumFields, fieldSize: 65_536, fileSize: Infinity },
  })) {
    const isFile = part.type === "file" && (fileFields.includes(part.fieldname) || language.test(part.fieldname));
    if (!isFile && !fieldNames.includes(part.fieldname)) {
      const hint = suggestName(part.fieldname, fieldNames);
      unknown.push({
        pointer: `/${part.fieldname}`,
        code: "unknown_field",
        detail: `Unknown field "${part.fieldname}".`,
        hint,
      });
      if (part.type === "file") part.file.resume();
    } else if (part.type === "file") {
      await receiver.write(part.file, part.filename, part.mimetype, part.fieldname);
    } else if (fileFields.includes(part.fieldname)) {
      unknown.push({
        pointer: `/${part.fieldname}`,
        code: "invalid_type",
        detail: `The field ${part.fieldname} holds text, not a file.`,
        hint: "With curl, put an @ before the path: -F file=@data.csv",
      });
    } else {
      fields.set(part.fieldname, String(part.value));
    }
  }
  if (unknown.length > 0) throw new DomainError("invalid_request", unknown[0].detail, { faults: unknown });
  return fields;
}

async function receiveBody(request: FastifyRequest, receiver: Receiver): Promise<Map<string, string>> {
  const contentType = request.headers["content-type"];
  // A request without a body has none that could be read: not even an empty one.
  if (request.body !== undefined && request.body !== null) {
    await receiver.write(request.body as Readable, "", contentType);
  }
  return queryFields(request);
}

function queryFields(request: FastifyRequest): Map<string, string> {
  return new Map(Object.entries(request.query as Record<string, string>));
}

/** The text fields by the contract's own schemas: name and format as in the query, options as JSON. */
function checkFields(fields: Map<string, string>): Pick<Upload, "name" | "format" | "options"> {
  const { options: optionsText, ...query } = Object.fromEntries(fields);
  const faults: Fault[] = [];
  const settings = parse(datasetUploadQuery, query, "", faults);
  let options: DatasetOptions | undefined;
  if (optionsText !== undefined) {
    try {
      options = parse(datasetOptions, JSON.parse(optionsText), "/options", faults);
    } catch {
      faults.push({
        pointer: "/options",
        code: "invalid_type",
        detail: "The field options is not valid JSON.",
        hint: `For example: -F 'options={"delimiter":";"}'`,
      });
    }
  }
  if (faults.length > 0) throw new DomainError("invalid_request", faults[0].detail, { faults });
  const { name, format } = settings ?? {};
  return {
    ...(name === undefined ? {} : { name }),
    ...(format === undefined ? {} : { format }),
    ...(options === undefined ? {} : { options }),
  };
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  pointer: string,
  faults: Fault[],
): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  faults.push(...faultsOf(result.error, value, pointer));
  return undefined;
}
