// Every error becomes RFC 9457 problem details here, and only here does an error code meet a status.
import type { FastifyError } from "fastify";
import type { DatasetProblem } from "../contract/dataset.ts";
import type { Problem } from "../contract/problem.ts";
import { DomainError, type ErrorCode, errorTitles, type Fault } from "../errors.ts";

export const problemContentType = "application/problem+json; charset=utf-8";

const statuses: Record<ErrorCode, number> = {
  malformed_request: 400,
  invalid_request: 422,
  invalid_dataset: 422,
  invalid_instance: 422,
  shape_mismatch: 422,
  request_timeout: 408,
  headers_too_large: 431,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  idempotency_key_in_use: 409,
  idempotency_key_reused: 422,
  payload_too_large: 413,
  unsupported_media_type: 415,
  cannot_start: 503,
  database_in_use: 503,
  storage_full: 507,
  shutting_down: 503,
  diverged: 422,
  trainer_lost: 500,
  out_of_memory: 422,
  training_failed: 500,
  internal: 500,
};

/** What Fastify itself complains of, by its error code. */
const fastifyErrors: Record<string, { code: ErrorCode; detail: string; hint: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: "payload_too_large",
    detail: "The body is larger than this call takes (DELTARULE_BODY_LIMIT_BYTES).",
    hint: "Upload large data as a file: curl -F file=@data.csv …/v1/datasets",
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "unsupported_media_type",
    detail: "The content type is not understood here.",
    hint: "Send JSON with content-type: application/json.",
  },
  FST_ERR_BAD_URL: {
    code: "malformed_request",
    detail: "The path has a % that is not followed by two hexadecimal digits of UTF-8.",
    hint: "Write a percent sign as %25, and encode names with encodeURIComponent.",
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    code: "not_found",
    detail: "The path has a part that is longer than any name or id.",
    hint: "Check the path; /docs lists every call.",
  },
  FST_FILES_LIMIT: {
    code: "invalid_request",
    detail: "The upload has more than 100 files.",
    hint: "Put them into one ZIP archive.",
  },
  FST_FIELDS_LIMIT: {
    code: "invalid_request",
    detail: "The upload has more than 10 fields.",
    hint: "Known fields: file, train, validation, test, source, target, name, format, options.",
  },
  FST_PROTO_VIOLATION: {
    code: "invalid_request",
    detail: "A field has a name that no field can have.",
    hint: "Known fields: file, train, validation, test, source, target, name, format, options.",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "malformed_request",
    detail: "Content-Length does not match the body.",
    hint: "Let the client compute Content-Length.",
  },
};

/** The problem for `error`, or for an unexpected one a bare 500 that leaks nothing. */
export function toProblem(error: unknown, requestId: string): Problem {
  const domain = asDomainError(error);
  const faults: readonly Fault[] = domain.faults;
  const data = domain as { problems?: DatasetProblem[]; problemCount?: number };
  return {
    type: `/problems/${domain.code}`,
    title: errorTitles[domain.code],
    status: statuses[domain.code],
    detail: domain.message,
    code: domain.code,
    ...(domain.hint === undefined ? {} : { hint: domain.hint }),
    errors: faults.map(({ pointer, code, detail, hint }) => ({
      pointer: pointer.startsWith("/") || pointer === "" ? `#${pointer}` : pointer,
      code,
      detail,
      ...(hint === undefined ? {} : { hint }),
    })),
    ...(data.problems === undefined
      ? {}
      : { problems: data.problems, problem_count: data.problemCount ?? data.problems.length }),
    request_id: requestId,
  };
}

function asDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const known = fastifyErrors[(error as FastifyError).code];
  if (known !== undefined) return new DomainError(known.code, known.detail, { hint: known.hint });
  const status = (error as FastifyError).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    const code: ErrorCode =
      status === 413 ? "payload_too_large" : status === 415 ? "unsupported_media_type" : "malformed_request";
    return new DomainError(code, (error as Error).message);
  }
  return new DomainError("internal", "Something went wrong on our side.", {
    hint: "Send the request again; if it fails again, report it with the request_id.",
  });
}
