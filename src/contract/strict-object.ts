// Objects of the contract refuse unknown keys, naming the nearest known one.
// A message may have two lines: what was got, then what to do. http/request-validation.ts makes `detail` and `hint` of them.
import { z } from "zod";

/** `z.strictObject` whose complaint about unknown keys has two lines for each: what was got, and the nearest known key. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? (issue as { keys?: string[] }).keys?.map((key) => unknownField(key, shape)).join("\n")
        : undefined,
  });
}

function unknownField(got: string, shape: z.core.$ZodLooseShape): string {
  const known = Object.keys(shape);
  const inner = nearestName(got, known) === undefined ? nearestInside(got, shape) : undefined;
  const hint = inner === undefined ? suggestName(got, known) : `It belongs into "${inner[0]}", as "${inner[1]}".`;
  return `Unknown field "${got}".\n${hint}`;
}

/** The field whose own fields have a name close to `got`, and that name: "learning_rate" stands in "optimizer". */
function nearestInside(got: string, shape: z.core.$ZodLooseShape): [field: string, name: string] | undefined {
  for (const [field, schema] of Object.entries(shape)) {
    const near = nearestName(
      got,
      fieldNames(schema as z.core.$ZodType).filter((name) => name !== "type"),
    );
    if (near !== undefined) return [field, near];
  }
  return undefined;
}

function fieldNames(schema: z.core.$ZodType): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "default":
    case "prefault":
      return fieldNames(def.innerType);
    case "union":
      return [...new Set(def.options.flatMap(fieldNames))];
    case "object":
      return Object.keys(def.shape);
    default:
      return [];
  }
}

/** The hint for a name that is not among `known`. */
export function suggestName(got: string, known: readonly string[]): string {
  const near = nearestName(got, known);
  const list = known.length <= 30 ? known.join(", ") : `${known.slice(0, 30).join(", ")}, …`;
  return near === undefined ? `Known: ${list}.` : `Did you mean "${near}"? Known: ${list}.`;
}

/** The known name closest to `got`: an abbreviation of it, or within a third of its length in edits, not all of it. */
export function nearestName(got: string, known: readonly string[]): string | undefined {
  const wanted = got.toLowerCase();
  const scored = known
    .map((name) => ({ name, distance: nameDistance(wanted, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  if (best === undefined || best.distance >= Math.max(1, wanted.length)) return undefined;
  return best.distance <= Math.max(2, Math.ceil(wanted.length / 3)) ? best.name : undefined;
}

function nameDistance(got: string, known: string): number {
  const initials = known
    .split("_")
    .map((word) => word[0])
    .join("");
  if (got === initials) return 1; // "lr" for learning_rate
  if (got.length >= 3 && (known.startsWith(got) || known.endsWith(got) || got.startsWith(known))) return 1;
  return editDistance(got, known);
}

/** Levenshtein distance (Levenshtein, 1966), two rows of the table at a time. */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Math.max(a.length, b.length);
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(substitution, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}
