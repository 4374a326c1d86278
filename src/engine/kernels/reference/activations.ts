// Element-wise activations y = f(x) and their derivatives, side by side; f′ may use both x and y.
// relu        max(0,x)                          f′ = 1 where x > 0, else 0
// leaky_relu  x where x > 0, else 0.01·x        f′ = 1 or 0.01                 Maas, Hannun & Ng, 2013
// tanh        tanh x                            f′ = 1 − y²
// sigmoid     1/(1 + e^{−x})                    f′ = y·(1 − y)
// gelu        ½x·(1 + tanh u), u = √(2/π)·(x + 0.044715x³): the tanh form of Hendrycks & Gimpel, 2016
//             f′ = ½(1 + tanh u) + ½x·(1 − tanh²u)·√(2/π)·(1 + 3·0.044715x²)
// threshold   1 where x ≥ 0, else 0             f′ = 1: the gradient passes straight through
import type { ElementFunction } from "../../operations/activations.ts";
import { activeCount } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";
import { transcendental } from "./transcendental.ts";

interface Activation {
  readonly value: (x: number) => number;
  readonly derivative: (x: number, y: number) => number;
}

const LEAK = 0.01;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

export function activationTable(round: Round): Readonly<Record<ElementFunction, Activation>> {
  const { tanh, sigmoid } = transcendental(round);
  const leak = round(LEAK);
  const scale = round(GELU_SCALE);
  const cubic = round(GELU_CUBIC);
  const tripleCubic = round(3 * cubic);
  const geluTanh = (x: number): number => tanh(round(scale * round(x + round(cubic * round(x * round(x * x))))));

  return {
    relu: {
      // Not Math.max: a NaN must stay visible, and −0 must not appear.
      value: (x) => (x > 0 || x !== x ? x : 0),
      derivative: (x) => (x > 0 ? 1 : 0),
    },
    leaky_relu: {
      value: (x) => (x > 0 ? x : round(leak * x)),
      derivative: (x) => (x > 0 ? 1 : leak),
    },
    tanh: {
      value: tanh,
      derivative: (_x, y) => round(1 - round(y * y)),
    },
    sigmoid: {
      value: sigmoid,
      derivative: (_x, y) => round(y * round(1 - y)),
    },
    gelu: {
      value: (x) => round(round(0.5 * x) * round(1 + geluTanh(x))),
      derivative: (x) => {
        const t = geluTanh(x);
        const slope = round(scale * round(1 + round(tripleCubic * round(x * x))));
        const bend = round(round(round(0.5 * x) * round(1 - round(t * t))) * slope);
        return round(round(0.5 * round(1 + t)) + bend);
      },
    },
    threshold: {
      value: (x) => (x >= 0 ? 1 : x !== x ? x : 0),
      derivative: () => 1,
    },
  };
}

export function activationKernels(round: Round): Family<"activate" | "activate_backward"> {
  const table = activationTable(round);
  return {
    activate: (operation, memory) => {
      const { value } = table[operation.function];
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) y[i] = value(x[i]);
      };
    },
    activate_backward: (operation, memory) => {
      const { derivative } = table[operation.function];
      const [x, y] = [memory.view(operation.x), memory.view(operation.y)];
      const [dy, dx] = [memory.view(operation.dy), memory.view(operation.dx)];
      return (step) => {
        const count = activeCount(operation.x, step.rows);
        for (let i = 0; i < count; i++) dx[i] = round(dy[i] * derivative(x[i], y[i]));
      };
    },
  };
}
