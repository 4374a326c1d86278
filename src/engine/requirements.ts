// What a number in a specification must satisfy before a plan is made of it.
import { EngineError } from "./engine-error.ts";

/** Throws `invalid_parameter` unless value is an integer of at least `minimum`. */
export function requireInteger(op: string, name: string, value: number, minimum: number): void {
  if (Number.isInteger(value) && value >= minimum) return;
  throw new EngineError("invalid_parameter", { op, expected: `${name} an integer ≥ ${minimum}`, got: String(value) });
}

/** Throws `invalid_parameter` unless minimum ≤ value < limit. */
export function requireWithin(op: string, name: string, value: number, minimum: number, limit = Infinity): void {
  if (value >= minimum && value < limit) return;
  const expected = limit === Infinity ? `${name} a number ≥ ${minimum}` : `${name} in [${minimum}, ${limit})`;
  throw new EngineError("invalid_parameter", { op, expected, got: String(value) });
}

/** The entry of a closed table; throws `invalid_parameter` with the known names when there is none. */
export function requireEntry<Table extends object>(op: string, table: Table, name: string): Table[keyof Table] {
  if (Object.hasOwn(table, name)) return table[name as keyof Table];
  throw new EngineError("invalid_parameter", { op, expected: `one of ${Object.keys(table).join(", ")}`, got: name });
}
