// Optimizer updates of one parameter θ with gradient g, weight decay fused in; formulas and their order of operations
// are those of reference/optimizers.ts, so the bits are too. One pass over θ, g and the state: the loop is bound by
// memory, each number is read and written once.
import type { Operation, OperationOf } from "../../operations.ts";
import type { Tensor } from "../../tensor.ts";
import { f32, f32x4 } from "../wasm/instructions.ts";
import type { F32, V128 } from "../wasm/instructions.ts";
import { elementFunction } from "./element-loop.ts";
import type { Compute } from "./element-loop.ts";
import type { Emission, Emitters } from "./emission.ts";
import type { StepScalars, WriteScalar } from "./step-scalars.ts";

export type UpdateKind = "sgd" | "adam" | "rmsprop" | "adagrad";

/** An update as data: what it reads and writes beside θ and g, and the arithmetic for four elements. */
export interface Update {
  /** The same for updates that differ in tensors only. */
  readonly key: string;
  readonly state: readonly Tensor[];
  /** Numbers that follow from the step. */
  readonly uniforms: readonly F32[];
  /** Whether they follow from its number, and not from the learning rate alone. */
  readonly numbered: boolean;
  /** [θ, g, …state] → [θ, …state] */
  readonly compute: Compute;
}

type Describe<Kind extends UpdateKind> = (operation: OperationOf<Kind>, scalar: StepScalars["scalar"]) => Update;

const { add, sub, mul, div, sqrt } = f32x4;

const LEARNING_RATE: WriteScalar = ({ learningRate }, into, slot) => {
  into[slot] = learningRate;
};

const UPDATES: { readonly [Kind in UpdateKind]: Describe<Kind> } = {
  sgd({ velocity, momentum, nesterov, weightDecay }, scalar) {
    const [MU, LAMBDA] = [f32x4.const(momentum), f32x4.const(weightDecay)];
    const shared = {
      key: `sgd ${momentum} ${nesterov} ${weightDecay} ${velocity === null}`,
      uniforms: [scalar("learning rate", LEARNING_RATE)],
      numbered: false,
    };
    if (velocity === null) {
      const compute: Compute = (_f, [theta, g], [eta]) => [
        sub(theta, mul(eta, decayed(g, weightDecay, LAMBDA, theta))),
      ];
      return { ...shared, state: [], compute };
    }
    const compute: Compute = (f, [theta, g, v], [eta]) => {
      const change = f.local("v128", decayed(g, weightDecay, LAMBDA, theta));
      const next = f.local("v128", add(mul(MU, v), change));
      return [sub(theta, mul(eta, nesterov ? add(change, mul(MU, next)) : next)), next];
    };
    return { ...shared, state: [velocity], compute };
  },

  adam({ m, v, beta1, beta2, epsilon, weightDecay, decoupled }, scalar) {
    const [B1, B2] = [f32x4.const(beta1), f32x4.const(beta2)];
    const [REST1, REST2] = [f32x4.const(1 - beta1), f32x4.const(1 - beta2)];
    const [EPSILON, LAMBDA] = [f32x4.const(epsilon), f32x4.const(weightDecay)];
    const rate = scalar(`adam rate ${beta1}`, ({ learningRate, number }, into, slot) => {
      into[slot] = learningRate / (1 - beta1 ** number);
    });
    const root = scalar(`adam root ${beta2}`, ({ number }, into, slot) => {
      into[slot] = Math.sqrt(1 - beta2 ** number);
    });
    const shrink = decoupled
      ? scalar(`shrink ${weightDecay}`, ({ learningRate }, into, slot) => {
          into[slot] = 1 - learningRate * weightDecay;
        })
      : f32.const(1);
    return {
      key: `adam ${[beta1, beta2, epsilon, weightDecay, decoupled].join(" ")}`,
      state: [m, v],
      uniforms: [rate, root, shrink],
      numbered: true,
      compute(f, [theta, g, m0, v0], [eta, correction, kept]) {
        const gradientNow = f.local("v128", decoupled ? g : decayed(g, weightDecay, LAMBDA, theta));
        const m1 = f.local("v128", add(mul(B1, m0), mul(REST1, gradientNow)));
        const v1 = f.local("v128", add(mul(B2, v0), mul(REST2, mul(gradientNow, gradientNow))));
        const scale = add(div(sqrt(v1), correction), EPSILON);
        // Times 1 is exact, so the reference's shrink of plain Adam is left out.
        const shrunk = decoupled ? mul(theta, kept) : theta;
        return [sub(shrunk, mul(eta, div(m1, scale))), m1, v1];
      },
    };
  },

  rmsprop({ v, velocity, alpha, epsilon, momentum, weightDecay }, scalar) {
    const [ALPHA, REST, MU] = [f32x4.const(alpha), f32x4.const(1 - alpha), f32x4.const(momentum)];
    const [EPSILON, LAMBDA] = [f32x4.const(epsilon), f32x4.const(weightDecay)];
    const scaled = (g: V128, v1: V128): V128 => div(g, add(sqrt(v1), EPSILON));
    const shared = {
      key: `rmsprop ${[alpha, epsilon, momentum, weightDecay, velocity === null].join(" ")}`,
      uniforms: [scalar("learning rate", LEARNING_RATE)],
      numbered: false,
    };
    if (velocity === null) {
      const compute: Compute = (f, [theta, g, v0], [eta]) => {
        const gradientNow = f.local("v128", decayed(g, weightDecay, LAMBDA, theta));
        const v1 = f.local("v128", add(mul(ALPHA, v0), mul(REST, mul(gradientNow, gradientNow))));
        return [sub(theta, mul(eta, scaled(gradientNow, v1))), v1];
      };
      return { ...shared, state: [v], compute };
    }
    const compute: Compute = (f, [theta, g, v0, b0], [eta]) => {
      const gradientNow = f.local("v128", decayed(g, weightDecay, LAMBDA, theta));
      const v1 = f.local("v128", add(mul(ALPHA, v0), mul(REST, mul(gradientNow, gradientNow))));
      const b1 = f.local("v128", add(mul(MU, b0), scaled(gradientNow, v1)));
      return [sub(theta, mul(eta, b1)), v1, b1];
    };
    return { ...shared, state: [v, velocity], compute };
  },

  adagrad({ sum, epsilon, weightDecay }, scalar) {
    const [EPSILON, LAMBDA] = [f32x4.const(epsilon), f32x4.const(weightDecay)];
    return {
      key: `adagrad ${epsilon} ${weightDecay}`,
      state: [sum],
      uniforms: [scalar("learning rate", LEARNING_RATE)],
      numbered: false,
      compute(f, [theta, g, s0], [eta]) {
        const gradientNow = f.local("v128", decayed(g, weightDecay, LAMBDA, theta));
        const s1 = f.local("v128", add(s0, mul(gradientNow, gradientNow)));
        return [sub(theta, mul(eta, div(gradientNow, add(sqrt(s1), EPSILON)))), s1];
      },
    };
  },
};

export const OPTIMIZER_EMITTERS: Emitters<UpdateKind> = {
  sgd: emitUpdate,
  adam: emitUpdate,
  rmsprop: emitUpdate,
  adagrad: emitUpdate,
};

export function isUpdate(operation: Operation): operation is OperationOf<UpdateKind> {
  return operation.kind in UPDATES;
}

export function updateOf(operation: OperationOf<UpdateKind>, scalar: StepScalars["scalar"]): Update {
  return (UPDATES[operation.kind] as Describe<UpdateKind>)(operation, scalar);
}

function emitUpdate(operation: OperationOf<UpdateKind>, { module, f, address, count, scalar }: Emission): void {
  const { parameter, gradient } = operation;
  const { key, state, uniforms, compute } = updateOf(operation, scalar);
  const update = elementFunction(module, key, [2 + state.length, 1 + state.length, uniforms.length], compute);
  const [theta, kept] = [address(parameter), state.map(address)];
  f.call(update, count(parameter), theta, address(gradient), ...kept, theta, ...kept, ...uniforms);
}

/** g + λ·θ; g itself without decay. */
function decayed(g: V128, weightDecay: number, LAMBDA: V128, theta: V128): V128 {
  return Math.fround(weightDecay) === 0 ? g : add(g, mul(LAMBDA, theta));
}
