// Instances of a network over windows: each is the last rows, the oldest first; of more than it needs the end counts.
import type { FieldPolicy } from "../../contract/field-policy.ts";
import { DomainError, type Fault } from "../../errors.ts";
import { encodeInstances, type FittedFeatures, type Precision } from "./encode.ts";

/**
 * Matrix (instances.length, length · width), row-major.
 * @throws DomainError `invalid_instance` with every fault, at /instances/<index>/<row>/<field>
 */
export function encodeWindowInstances(
  fitted: FittedFeatures,
  length: number,
  instances: readonly unknown[],
  precision: Precision,
  policy: FieldPolicy,
): Float32Array | Float64Array {
  const faults: Fault[] = [];
  const rows: unknown[] = [];
  /** place of each row in the request */
  const places: string[] = [];
  instances.forEach((instance, index) => {
    const pointer = `/instances/${index}`;
    if (!Array.isArray(instance) || instance.length < length) {
      const got = Array.isArray(instance) ? `has ${instance.length} rows` : "is no array of rows";
      const detail = `The instance ${got}, expected the last ${length} rows.`;
      const hint = "Send an array of rows, the oldest first, each an object by feature name.";
      return faults.push({ pointer, code: "wrong_length", detail, hint });
    }
    const first = instance.length - length;
    rows.push(...(instance.slice(first) as unknown[]));
    for (let row = first; row < instance.length; row++) places.push(`${pointer}/${row}`);
    return undefined;
  });
  if (faults.length > 0) throw new DomainError("invalid_instance", faults[0].detail, { faults });
  try {
    return encodeInstances(fitted, rows, precision, policy);
  } catch (error) {
    throw error instanceof DomainError ? placed(error, places) : error;
  }
}

function placed(error: DomainError, places: readonly string[]): DomainError {
  const faults = error.faults.map((fault) => ({
    ...fault,
    pointer: fault.pointer.replace(/^\/instances\/(\d+)/, (_, row: string) => places[Number(row)]),
  }));
  return new DomainError(error.code, error.message, { faults });
}
