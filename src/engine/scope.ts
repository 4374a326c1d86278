// What a layer is given while it is planned: names and places for its tensors, and the layers inside it.
import type { LayerSpec } from "./layers/catalogue.ts";
import type { Scope } from "./layers/layer.ts";
import { planSequence } from "./layers/sequence.ts";
import { fixedTensor, rowTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

/** Makes the scope of a layer by its index in the network's specification, of `layerCount` layers. */
export type Scopes = (spec: LayerSpec, index: number) => Scope;

/** The layer that contains another, and where in it. */
interface Container {
  /** Index in the network's specification. */
  readonly layer: number;
  /** For tensors and parameters: `layers.0.`, empty for the network itself. */
  readonly path: string;
  /** For messages: `layer 2 (residual), `. */
  readonly name: string;
  /** What the layers inside get: their tensors have as many rows. */
  readonly input: Tensor;
}

export function createScopes(layerCount: number, capacity: number): Scopes {
  // Random streams: layers of the network have the number of their place, layers inside others follow after them.
  let streams = layerCount;

  function scopeOf(spec: LayerSpec, index: number, container?: Container): Scope {
    const layer = container?.layer ?? index;
    const path = container === undefined ? "" : `${container.path}${index}.`;
    const prefix = `${layer}.${path}`;
    const layerName =
      container === undefined ? `layer ${index} (${spec.type})` : `${container.name}${index} (${spec.type})`;
    const stream = container === undefined ? index : streams++;
    const { capacity: rows, rowsEach } = container?.input ?? { capacity, rowsEach: 1 };
    const perRow = (name: string, shape: readonly number[]): Tensor =>
      rowTensor(`${prefix}${spec.type}.${name}`, shape, rows, rowsEach);
    return {
      layerName,
      stream,
      isFirst: container === undefined && index === 0,
      signal: (rowShape, trained) => ({
        value: perRow("y", rowShape),
        gradient: trained ? perRow("dy", rowShape) : null,
      }),
      buffer: perRow,
      fixed: (name, shape) => fixedTensor(`${prefix}${spec.type}.${name}`, shape),
      parameter: (name, shape, initializer, fanIn, fanOut) => ({
        name: `${path}${name}`,
        layer,
        value: fixedTensor(`${prefix}${name}`, shape),
        gradient: fixedTensor(`${prefix}${name}.gradient`, shape),
        initializer,
        fanIn,
        fanOut,
      }),
      statistic: (name, shape, initializer) => ({
        name: `${path}${name}`,
        layer,
        value: fixedTensor(`${prefix}${name}`, shape),
        gradient: null,
        initializer,
        fanIn: 0,
        fanOut: 0,
      }),
      sequence: (branch, specs, x) => {
        const name = `${layerName}, ${branch} `;
        const inside: Container = { layer, path: `${path}${branch}.`, name, input: x.value };
        // Only a layer of the catalogue hands on specifications, those that its own has of that type.
        return planSequence(specs as readonly LayerSpec[], (inner, position) => scopeOf(inner, position, inside), x);
      },
    };
  }
  return scopeOf;
}
