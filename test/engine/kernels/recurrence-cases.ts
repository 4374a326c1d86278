// Cases of the recurrent operations; the fields are explained in operation-cases.ts. A batch has 1 to 4 steps of n units.
import type { Operation } from "../../../src/engine/operations.ts";
import type { Tensor } from "../../../src/engine/tensor.ts";
import { fixedTensor, rowTensor } from "../../../src/engine/tensor.ts";
import type { Extents, OperationCase } from "./operation-cases.ts";

const sequence = (name: string, width: number, e: Extents): Tensor =>
  rowTensor(name, [1 + (e.m % 4), width], e.capacity);
const state = (name: string, e: Extents): Tensor => rowTensor(name, [e.n], e.capacity);

/** For `gates` groups of n units. */
const recurrentWeights = (gates: number, { n }: Extents): Tensor => fixedTensor("U", [n, gates * n]);

/** With a state to begin with and all outputs wanted, the same with a mask, and with none of them. */
function recurrence(name: string, make: (e: Extents, whole: boolean, masked: boolean) => Operation): OperationCase[] {
  const variants = { "of sequences": [true, false], "with a mask": [true, true], "of last states": [false, false] };
  return Object.entries(variants).map(([variant, [whole, masked]]) => ({
    name: `${name} ${variant}`,
    agreement: "sums",
    bounded: ["U", "gates", "recurrent", "tanhC", "mask"],
    make: (e) => make(e, whole, masked),
  }));
}

export const RECURRENCE_CASES: readonly OperationCase[] = [
  ...recurrence("lstm", (e, whole, masked) => ({
    kind: "lstm",
    mask: masked ? state("mask", e) : null,
    gates: sequence("gates", 4 * e.n, e),
    U: recurrentWeights(4, e),
    b: fixedTensor("b", [4 * e.n]),
    h0: whole ? state("h0", e) : null,
    c0: whole ? state("c0", e) : null,
    h: sequence("h", e.n, e),
    c: sequence("c", e.n, e),
    tanhC: sequence("tanhC", e.n, e),
    y: whole ? sequence("y", e.n, e) : null,
    hLast: state("hLast", e),
    cLast: state("cLast", e),
  })),
  ...recurrence("lstm_backward", (e, whole, masked) => ({
    kind: "lstm_backward",
    mask: masked ? state("mask", e) : null,
    gates: sequence("gates", 4 * e.n, e),
    U: recurrentWeights(4, e),
    c: sequence("c", e.n, e),
    tanhC: sequence("tanhC", e.n, e),
    dy: whole ? sequence("dy", e.n, e) : null,
    dh: state("dh", e),
    dc: state("dc", e),
    dgates: sequence("dgates", 4 * e.n, e),
  })),
  ...recurrence("gru", (e, whole, masked) => ({
    kind: "gru",
    mask: masked ? state("mask", e) : null,
    masked: masked ? sequence("masked", e.n, e) : null,
    gates: sequence("gates", 3 * e.n, e),
    U: recurrentWeights(3, e),
    b: fixedTensor("b", [3 * e.n]),
    bU: fixedTensor("bU", [3 * e.n]),
    h0: whole ? state("h0", e) : null,
    h: sequence("h", e.n, e),
    recurrent: sequence("recurrent", 3 * e.n, e),
    y: whole ? sequence("y", e.n, e) : null,
    hLast: state("hLast", e),
  })),
  ...recurrence("gru_backward", (e, whole, masked) => ({
    kind: "gru_backward",
    mask: masked ? state("mask", e) : null,
    dmasked: masked ? state("dmasked", e) : null,
    gates: sequence("gates", 3 * e.n, e),
    recurrent: sequence("recurrent", 3 * e.n, e),
    U: recurrentWeights(3, e),
    h: sequence("h", e.n, e),
    dy: whole ? sequence("dy", e.n, e) : null,
    dh: state("dh", e),
    dgates: sequence("dgates", 3 * e.n, e),
    drecurrent: sequence("drecurrent", 3 * e.n, e),
  })),
  ...recurrence("simple_rnn", (e, whole, masked) => ({
    kind: "simple_rnn",
    mask: masked ? state("mask", e) : null,
    gates: sequence("gates", e.n, e),
    U: recurrentWeights(1, e),
    b: fixedTensor("b", [e.n]),
    h0: whole ? state("h0", e) : null,
    h: sequence("h", e.n, e),
    hLast: state("hLast", e),
  })),
  ...recurrence("simple_rnn_backward", (e, whole, masked) => ({
    kind: "simple_rnn_backward",
    mask: masked ? state("mask", e) : null,
    gates: sequence("gates", e.n, e),
    U: recurrentWeights(1, e),
    dy: whole ? sequence("dy", e.n, e) : null,
    dh: state("dh", e),
    dgates: sequence("dgates", e.n, e),
  })),
];
