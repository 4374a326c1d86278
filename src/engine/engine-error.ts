// The one error of the engine: a stable code, and what a caller needs to repair the request.

/** Every code the engine can throw, with what it means. */
export const ENGINE_ERRORS = {
  shape_mismatch: "two shapes that must fit do not",
  invalid_parameter: "a number or a name is outside what the operation allows",
  invalid_combination: "two parts that are fine alone do not belong together",
  invalid_data: "training data does not have the size or the values the network needs",
  invalid_checkpoint: "bytes that are not a whole, undamaged checkpoint of this format",
  state_mismatch: "a training state that belongs to another network",
} as const;

export type EngineErrorCode = keyof typeof ENGINE_ERRORS;

export interface EngineErrorDetails {
  /** What was being done: an operation, a layer kind, a function. */
  readonly op: string;
  /** Name of the layer as it appears in the plan, for example `layer 2 (dense)`. */
  readonly layer?: string;
  readonly expected: string;
  readonly got: string;
  readonly hint?: string;
}

export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: EngineErrorCode;
  readonly details: EngineErrorDetails;

  constructor(code: EngineErrorCode, details: EngineErrorDetails) {
    const where = details.layer === undefined ? details.op : `${details.layer}: ${details.op}`;
    const hint = details.hint === undefined ? "" : ` ${details.hint}`;
    super(`${where}: expected ${details.expected}, got ${details.got}.${hint}`);
    this.code = code;
    this.details = details;
  }
}

/** Shape as people write it: `[28,28,1]`. */
export function shapeText(shape: readonly (number | string)[]): string {
  return `[${shape.join(",")}]`;
}
