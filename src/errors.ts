// The closed list of domain errors. Knows nothing of HTTP: http/problem.ts gives each code its status.

/** One fault inside a request, a file or a training run: where, what was got, what to do. */
export interface Fault {
  /** JSON Pointer into the request body ("/hyperparameters/epochs"), or "" when it concerns the whole. */
  pointer: string;
  /** Stable, machine-readable: "too_small", "unknown_column", … */
  code: string;
  /** What was got and what was expected, in one sentence. */
  detail: string;
  /** The next action that mends it. */
  hint?: string;
}

/** RFC 6901: ["rows", 3, "a/b"] → "/rows/3/a~1b". */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Every code a caller can meet, with the one sentence that is the same for all its occurrences. */
export const errorTitles = {
  malformed_request: "The request cannot be read.",
  invalid_request: "The request is not valid.",
  invalid_dataset: "The data cannot be used as it is.",
  invalid_instance: "An instance cannot be predicted.",
  headers_too_large: "The headers are too large.",
  request_timeout: "The request did not come in time.",
  not_found: "There is no such resource.",
  method_not_allowed: "This resource has no such method.",
  conflict: "The request conflicts with the present state.",
  idempotency_key_in_use: "A request with this Idempotency-Key is still being worked on.",
  idempotency_key_reused: "This Idempotency-Key was used for another request.",
  payload_too_large: "The body is too large.",
  unsupported_media_type: "This content type is not understood here.",
  cannot_start: "The program cannot start like this.",
  database_in_use: "Another server holds this database.",
  storage_full: "There is no space left to store this.",
  shutting_down: "The server is stopping.",
  shape_mismatch: "A layer cannot take what the layer before it gives.",
  diverged: "Training diverged.",
  trainer_lost: "The trainer died while this job ran.",
  out_of_memory: "The job needs more memory than there is.",
  training_failed: "Training failed.",
  internal: "An unexpected error.",
} as const;

export type ErrorCode = keyof typeof errorTitles;

/** An expected failure: a stable code, a sentence for people, and every single fault found. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { faults?: readonly Fault[]; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.faults = options.faults ?? [];
    this.hint = options.hint;
  }
}
