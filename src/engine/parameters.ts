// The parameters of a network: initialised from a seed or from given numbers, and read back in the same form.
import { EngineError, shapeText } from "./engine-error.ts";
import { drawParameter } from "./initializers.ts";
import type { Parameter } from "./layers/layer.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { Elements } from "./tensor.ts";
import type { Parametrised } from "./training-state.ts";

/** A number, or arrays of them as deep as the tensor's shape. */
export type Nested = number | readonly Nested[];

/** One trainable layer: weights (in × out) and, if it has one, bias (out). */
export type LayerParameters = { readonly [Name in Parameter["name"]]?: Nested | undefined };

/** Fills every parameter: from `given`, one entry per trainable layer in order, else drawn from the seed.
 * Throws `shape_mismatch` naming layer, expected and got. */
export function initialise(network: Network, seed: number, given?: readonly LayerParameters[]): void {
  const { plan, memory } = network;
  if (given !== undefined) checkInitialParameters(plan, given);
  const layers = trainableLayers(plan);
  plan.parameters.forEach((parameter, index) => {
    const values = memory.view(parameter.value);
    if (given === undefined) drawParameter(values, parameter, index, seed);
    else values.set(flattened(given[layers.indexOf(parameter.layer)][parameter.name]!));
  });
}

/** Compares given parameters with the plan, without allocating the network; where `other`, a plan of the same layers, has
 * another extent, any will do. Throws `shape_mismatch`. */
export function checkInitialParameters(plan: Plan, given: readonly LayerParameters[], other: Plan = plan): void {
  const layers = trainableLayers(plan);
  if (given.length !== layers.length) {
    throw new EngineError("shape_mismatch", {
      op: "initial_parameters",
      expected: `${layers.length} entries, one for each trainable layer`,
      got: String(given.length),
    });
  }
  layers.forEach((layer, position) => {
    const own = plan.parameters.flatMap((parameter, index) => {
      return parameter.layer === layer
        ? [{ name: parameter.name, shape: sharedShape(parameter, other.parameters[index]) }]
        : [];
    });
    const op = `initial_parameters[${position}]`;
    const layerName = `layer ${layer} (${plan.layers[layer].type})`;
    for (const { name, shape } of own) {
      const value = given[position][name];
      if (value !== undefined && fits(value, shape)) continue;
      const [expected, got] = [shapeText(shape.map((extent) => extent ?? "any")), shapeOf(value)];
      throw new EngineError("shape_mismatch", { op: `${op}.${name}`, layer: layerName, expected, got });
    }
    for (const name of Object.keys(given[position])) {
      if (own.some((parameter) => parameter.name === name)) continue;
      const expected = `only ${own.map((parameter) => parameter.name).join(", ")}`;
      throw new EngineError("shape_mismatch", { op, layer: layerName, expected, got: name });
    }
  });
}

/** The parameters as nested arrays, one entry per trainable layer in order: exactly the numbers in use. */
export function readParameters({ plan, memory }: Parametrised): LayerParameters[] {
  return trainableLayers(plan).map((layer) =>
    Object.fromEntries(
      plan.parameters
        .filter((parameter) => parameter.layer === layer)
        .map(({ name, value }) => [name, nested(memory.view(value), value.shape)]),
    ),
  );
}

/** Extents of a parameter, null where those of two plans differ. */
function sharedShape({ value }: Parameter, other: Parameter): (number | null)[] {
  return value.shape.map((extent, i) => (extent === other.value.shape[i] ? extent : null));
}

function trainableLayers(plan: Pick<Plan, "parameters">): number[] {
  return [...new Set(plan.parameters.map(({ layer }) => layer))];
}

/** Shape of nested arrays as text; `ragged` when rows differ or an element is not a finite number. */
function shapeOf(value: Nested | undefined): string {
  if (value === undefined) return "nothing";
  const shape: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  return isEven(value, shape)
    ? shapeText(shape)
    : "rows of different lengths, or something that is not a finite number";
}

/** Whether nested arrays have the extents; null stands for any, the same everywhere. */
function fits(value: Nested, shape: readonly (number | null)[]): boolean {
  const extents: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) extents.push(inner.length);
  const isAlike =
    extents.length === shape.length && shape.every((extent, i) => extent === null || extent === extents[i]);
  return isAlike && isEven(value, extents);
}

function isEven(value: Nested, [extent, ...rest]: readonly number[]): boolean {
  if (extent === undefined) return Number.isFinite(value);
  return Array.isArray(value) && value.length === extent && value.every((inner: Nested) => isEven(inner, rest));
}

function flattened(value: Nested): number[] {
  return typeof value === "number" ? [value] : value.flatMap(flattened);
}

function nested(values: Elements, [extent, ...rest]: readonly number[]): Nested {
  if (rest.length === 0) return Array.from(values);
  const size = values.length / extent;
  return Array.from({ length: extent }, (_, i) => nested(values.subarray(i * size, (i + 1) * size), rest));
}
