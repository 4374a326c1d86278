// A stack of recurrent layers that reads from the first step to the last, and one beside it from the last to the first, each
// with half of the units. Schuster & Paliwal, 1997; as an encoder: Bahdanau, Cho & Bengio, 2015.
// forward   y = [f(x) R·b(R·x)]   last = [last of f, last of b]     R: the steps backwards
// backward  their parts of dy and of dlast, those of b's steps backwards; dx = dx through f + R·(dx through b)
import { EngineError } from "../engine-error.ts";
import type { Operation } from "../operations.ts";
import { add } from "../operations/elements.ts";
import type { Tensor } from "../tensor.ts";
import type { Scope, Signal } from "./layer.ts";
import { planStack } from "./recurrent-stack.ts";
import type { PlannedStack, StackInput, StackSpec } from "./recurrent-stack.ts";

/** As `planStack`, from a state of zero. Throws `invalid_parameter` when the units are odd. */
export function planBidirectionalStack(
  spec: StackSpec,
  { scope, prefix = "", x, sequence }: Omit<StackInput, "initial">,
): PlannedStack {
  if (spec.units % 2 !== 0) {
    throw new EngineError("invalid_parameter", {
      op: "bidirectional encoder",
      layer: scope.layerName,
      expected: "an even number of units, half for each direction",
      got: String(spec.units),
    });
  }
  const half = { ...spec, units: spec.units / 2 };
  const [backwards, dx] = [buffers(scope, "x backwards", x), x.gradient && scope.buffer("dx of b", shapeOf(x))];
  const f = planStack(half, { scope, prefix, x, sequence, initial: null });
  const b = planStack(half, { scope, prefix: `${prefix}backward_`, x: backwards, sequence, initial: null });
  const ends = f.last.map((parts, layer) => parts.map((part, index) => join(scope, part, b.last[layer][index])));
  const ordered = b.y && buffers(scope, "y of b", b.y);
  const y = ordered && join(scope, f.y!, ordered);

  const before: Operation[] = [reverse(x.value, backwards.value)];
  const after: Operation[] = [
    ...(ordered === null ? [] : [reverse(b.y!.value, ordered.value)]),
    ...[...(y === null ? [] : [y]), ...ends.flat()].map(({ concatenate }) => concatenate),
  ];
  return {
    y: y && y.signal,
    last: ends.map((parts) => parts.map(({ signal }) => signal)),
    parameters: [...f.parameters, ...b.parameters],
    forward: [...before, ...f.forward, ...b.forward, ...after],
    inference: [...before, ...f.inference, ...b.inference, ...after],
    backward: [
      ...[...(y === null ? [] : [y]), ...ends.flat()].map(({ split }) => split),
      ...(ordered === null ? [] : [reverse(ordered.gradient!, b.y!.gradient!)]),
      ...b.backward,
      ...f.backward,
      ...(dx === null ? [] : [reverse(backwards.gradient!, dx), add(x.gradient!, dx, x.gradient!)]),
    ],
  };
}

/** Two signals beside each other, and what joins and parts them. */
interface Joined {
  readonly signal: Signal;
  readonly concatenate: Operation;
  readonly split: Operation;
}

function join(scope: Scope, first: Signal, second: Signal): Joined {
  const shape = shapeOf(first);
  const signal = scope.signal([...shape.slice(0, -1), shape.at(-1)! + shapeOf(second).at(-1)!], true);
  return {
    signal,
    concatenate: { kind: "concatenate", parts: [first.value, second.value], y: signal.value },
    split: { kind: "split", y: signal.gradient!, parts: [first.gradient!, second.gradient!] },
  };
}

function buffers(scope: Scope, name: string, like: Signal): Signal {
  const shape = shapeOf(like);
  return { value: scope.buffer(name, shape), gradient: like.gradient && scope.buffer(`d${name}`, shape) };
}

const shapeOf = ({ value }: Signal): readonly number[] => value.shape;

const reverse = (x: Tensor, y: Tensor): Operation => ({ kind: "reverse_steps", x, y });
