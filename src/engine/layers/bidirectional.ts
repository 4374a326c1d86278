// A recurrent layer from the first step to the last beside one from the last to the first. Schuster & Paliwal, 1997.
// forward   y = [f(x) R·b(R·x)] in each step, or of the last states [f(x) b(R·x)]     R: the steps backwards
// backward  df, db = their parts of dy, that of b backwards; dx = dx through f + R·(dx through b)
import { EngineError } from "../engine-error.ts";
import { add } from "../operations/elements.ts";
import type { Operation } from "../operations.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerDefinition, Signal } from "./layer.ts";
import { sequenceShape } from "./recurrent.ts";
import type { RecurrentSpec } from "./recurrent.ts";

export interface BidirectionalSpec<Recurrent extends RecurrentSpec> {
  readonly type: "bidirectional";
  /** simple_rnn, lstm or gru; `units` in each direction. */
  readonly layer: Recurrent;
}

const reverse = (x: Tensor, y: Tensor): Operation => ({ kind: "reverse_steps", x, y });

export const bidirectional: LayerDefinition<BidirectionalSpec<RecurrentSpec & { readonly type: string }>> = {
  plan({ layer }, scope, x) {
    const shape = sequenceShape("bidirectional", x.value.shape, scope.layerName);
    if (!["simple_rnn", "lstm", "gru"].includes(layer.type)) {
      throw new EngineError("invalid_combination", {
        op: "bidirectional",
        layer: scope.layerName,
        expected: "simple_rnn, lstm or gru",
        got: layer.type,
      });
    }
    const backwards: Signal = {
      value: scope.buffer("x backwards", shape),
      gradient: x.gradient && scope.buffer("dx backwards", shape),
    };
    const f = scope.sequence("forward", [layer], x);
    const b = scope.sequence("backward", [layer], backwards);
    const [fy, by] = [f.output, b.output];
    const ordered: Signal = layer.return_sequences === true ? scope.signal(by.value.shape, true) : by;
    const reordered = ordered !== by;
    const y = scope.signal([...by.value.shape.slice(0, -1), 2 * layer.units], true);
    const dx = x.gradient && scope.buffer("dx of b", shape);
    const around = (own: readonly Operation[], other: readonly Operation[]): Operation[] => [
      reverse(x.value, backwards.value),
      ...own,
      ...other,
      ...(reordered ? [reverse(by.value, ordered.value)] : []),
      { kind: "concatenate", parts: [fy.value, ordered.value], y: y.value },
    ];

    return {
      output: y,
      parameters: [...f.parameters, ...b.parameters],
      forward: around(f.forward, b.forward),
      inference: around(f.inference!, b.inference!),
      backward: [
        { kind: "split", y: y.gradient!, parts: [fy.gradient!, ordered.gradient!] },
        ...(reordered ? [reverse(ordered.gradient!, by.gradient!)] : []),
        ...b.backward,
        ...f.backward,
        ...(dx === null ? [] : [reverse(backwards.gradient!, dx), add(x.gradient!, dx, x.gradient!)]),
      ],
    };
  },
};
