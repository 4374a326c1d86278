// Optimizer updates of one parameter θ with gradient g, weight decay fused in; formulas and their order of operations
// are those of reference/optimizers.ts, so the bits are too. One pass over θ, g and the state: the loop is bound by
// memory, each number is read and written once.
import type { Local } from "../wasm/function-builder.ts";
import { f32, f32x4 } from "../wasm/instructions.ts";
import type { V128 } from "../wasm/instructions.ts";
import { elementFunction } from "./element-loop.ts";
import type { Emitters } from "./emission.ts";
import type { WriteScalar } from "./step-scalars.ts";

const { add, sub, mul, div, sqrt } = f32x4;

const LEARNING_RATE: WriteScalar = ({ learningRate }, into, slot) => {
  into[slot] = learningRate;
};

export const OPTIMIZER_EMITTERS: Emitters<"sgd" | "adam" | "rmsprop" | "adagrad"> = {
  sgd({ parameter, gradient, velocity, momentum, nesterov, weightDecay }, { module, f, address, count, scalar }) {
    const [MU, LAMBDA] = [f32x4.const(momentum), f32x4.const(weightDecay)];
    const rate = scalar("learning rate", LEARNING_RATE);
    const key = `sgd ${momentum} ${nesterov} ${weightDecay} ${velocity === null}`;
    if (velocity === null) {
      const update = elementFunction(module, key, [2, 1, 1], (_f, [theta, g], [eta]) => [
        sub(theta, mul(eta, decayed(g, weightDecay, LAMBDA, theta))),
      ]);
      f.call(update, count(parameter), address(parameter), address(gradient), address(parameter), rate);
      return;
    }
    const update = elementFunction(module, key, [3, 2, 1], (body, [theta, g, v], [eta]) => {
      const change = body.local("v128", decayed(g, weightDecay, LAMBDA, theta));
      const next = body.local("v128", add(mul(MU, v), change));
      return [sub(theta, mul(eta, nesterov ? add(change, mul(MU, next)) : next)), next];
    });
    const [theta, v] = [address(parameter), address(velocity)];
    f.call(update, count(parameter), theta, address(gradient), v, theta, v, rate);
  },

  adam(operation, { module, f, address, count, scalar }) {
    const { parameter, gradient, beta1, beta2, epsilon, weightDecay, decoupled } = operation;
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

    const key = `adam ${[beta1, beta2, epsilon, weightDecay, decoupled].join(" ")}`;
    const update = elementFunction(module, key, [4, 3, 3], (body, [theta, g, m, v], [eta, correction, kept]) => {
      const gradientNow = body.local("v128", decoupled ? g : decayed(g, weightDecay, LAMBDA, theta));
      const m1 = body.local("v128", add(mul(B1, m), mul(REST1, gradientNow)));
      const v1 = body.local("v128", add(mul(B2, v), mul(REST2, mul(gradientNow, gradientNow))));
      const scale = add(div(sqrt(v1), correction), EPSILON);
      // Times 1 is exact, so the reference's shrink of plain Adam is left out.
      const shrunk = decoupled ? mul(theta, kept) : theta;
      return [sub(shrunk, mul(eta, div(m1, scale))), m1, v1];
    });
    const [theta, m, v] = [address(parameter), address(operation.m), address(operation.v)];
    f.call(update, count(parameter), theta, address(gradient), m, v, theta, m, v, rate, root, shrink);
  },

  rmsprop(operation, { module, f, address, count, scalar }) {
    const { parameter, gradient, velocity, alpha, epsilon, momentum, weightDecay } = operation;
    const [ALPHA, REST, MU] = [f32x4.const(alpha), f32x4.const(1 - alpha), f32x4.const(momentum)];
    const [EPSILON, LAMBDA] = [f32x4.const(epsilon), f32x4.const(weightDecay)];
    const rate = scalar("learning rate", LEARNING_RATE);
    const key = `rmsprop ${[alpha, epsilon, momentum, weightDecay, velocity === null].join(" ")}`;
    const scaled = (g: Local<"v128">, v1: V128): V128 => div(g, add(sqrt(v1), EPSILON));
    const [theta, v] = [address(parameter), address(operation.v)];
    if (velocity === null) {
      const update = elementFunction(module, key, [3, 2, 1], (body, [theta0, g, v0], [eta]) => {
        const gradientNow = body.local("v128", decayed(g, weightDecay, LAMBDA, theta0));
        const v1 = body.local("v128", add(mul(ALPHA, v0), mul(REST, mul(gradientNow, gradientNow))));
        return [sub(theta0, mul(eta, scaled(gradientNow, v1))), v1];
      });
      f.call(update, count(parameter), theta, address(gradient), v, theta, v, rate);
      return;
    }
    const update = elementFunction(module, key, [4, 3, 1], (body, [theta0, g, v0, b0], [eta]) => {
      const gradientNow = body.local("v128", decayed(g, weightDecay, LAMBDA, theta0));
      const v1 = body.local("v128", add(mul(ALPHA, v0), mul(REST, mul(gradientNow, gradientNow))));
      const b1 = body.local("v128", add(mul(MU, b0), scaled(gradientNow, v1)));
      return [sub(theta0, mul(eta, b1)), v1, b1];
    });
    const b = address(velocity);
    f.call(update, count(parameter), theta, address(gradient), v, b, theta, v, b, rate);
  },

  adagrad(operation, { module, f, address, count, scalar }) {
    const { parameter, gradient, epsilon, weightDecay } = operation;
    const [EPSILON, LAMBDA] = [f32x4.const(epsilon), f32x4.const(weightDecay)];
    const rate = scalar("learning rate", LEARNING_RATE);
    const update = elementFunction(module, `adagrad ${epsilon} ${weightDecay}`, [3, 2, 1], (body, inputs, [eta]) => {
      const [theta0, g, s0] = inputs;
      const gradientNow = body.local("v128", decayed(g, weightDecay, LAMBDA, theta0));
      const s1 = body.local("v128", add(s0, mul(gradientNow, gradientNow)));
      return [sub(theta0, mul(eta, div(gradientNow, add(sqrt(s1), EPSILON)))), s1];
    });
    const [theta, s] = [address(parameter), address(operation.sum)];
    f.call(update, count(parameter), theta, address(gradient), s, theta, s, rate);
  },
};

/** g + λ·θ; g itself without decay. */
function decayed(g: V128, weightDecay: number, LAMBDA: V128, theta: V128): V128 {
  return Math.fround(weightDecay) === 0 ? g : add(g, mul(LAMBDA, theta));
}
