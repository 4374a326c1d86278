// The operations of a tiny network on a quad of rows, in the arithmetic and the order of the kernels that work on
// memory: the same bits. Sums over columns run down the columns of a quad, sums over rows are left to parameters.ts.
import type { Operation, OperationKind, OperationOf } from "../../../operations.ts";
import type { Tensor } from "../../../tensor.ts";
import { f32x4, v128 } from "../../wasm/instructions.ts";
import type { V128 } from "../../wasm/instructions.ts";
import { ACTIVATIONS } from "../activations.ts";
import { ERROR_TERMS } from "../losses.ts";
import { multiplyAdd } from "../micro-kernel.ts";
import { exponential, logarithm, logarithmOfOnePlus, sigmoid } from "../transcendental.ts";
import { sumOf } from "./quad.ts";
import type { Column, Quad } from "./quad.ts";

type Emit<Kind extends OperationKind> = (operation: OperationOf<Kind>, quad: Quad) => void;

/** Sums of so many columns of a product are kept in registers while k runs. */
const STRIP = 8;
const [ZERO, ONE] = [f32x4.const(0), f32x4.const(1)];

const QUAD_OPERATIONS = {
  gemm_nn({ a, b, c, bias }, quad) {
    const [depth, width] = b.shape;
    const start = (j: number): V128 => (bias ? quad.parameter(bias, j) : ZERO);
    product(quad, c, quad.columns(a), width, (k, j) => quad.parameter(b, k * width + j), depth, start);
  },
  gemm_nt({ a, b, c }, quad) {
    const [width, depth] = b.shape;
    product(quad, c, quad.columns(a), width, (k, j) => quad.parameter(b, j * depth + k), depth);
  },
  gemm_tn({ a, b, c, sum }, quad) {
    const [x, dy] = [quad.columns(a), quad.columns(b)];
    // 1·dy is exact, so these are the bits of the plain sum.
    if (sum) dy.forEach((error, j) => quad.gradient(sum, j, quad.one, error));
    x.forEach((input, k) => dy.forEach((error, j) => quad.gradient(c, k * dy.length + j, input, error)));
  },
  activate({ function: name, x, y }, quad) {
    map(quad, x, (value) => ACTIVATIONS[name].value(quad.f, value), y);
  },
  activate_backward({ function: name, x, y, dy, dx }, quad) {
    const [inputs, outputs] = [quad.columns(x), quad.columns(y)];
    const { derivative } = ACTIVATIONS[name];
    map(quad, dy, (gradient, j) => f32x4.mul(gradient, derivative(quad.f, inputs[j], outputs[j])), dx);
  },
  softmax({ x, y }, quad) {
    softmax(quad, x, y);
  },
  softmax_backward({ y, dy, dx }, quad) {
    const [p, gradients] = [quad.columns(y), quad.columns(dy)];
    const dot = sumOf(
      quad.f,
      p.map((value, j) => f32x4.mul(gradients[j], value)),
    );
    map(quad, y, (value, j) => f32x4.mul(value, f32x4.sub(gradients[j], dot)), dx);
  },
  softmax_cross_entropy({ z, t, p, loss }, quad) {
    const { f } = quad;
    const { maximum, sum } = softmax(quad, z, p);
    const [logits, [target]] = [quad.columns(z), quad.columns(t)];
    const chosen = f.local("v128", logits[0]);
    logits.forEach((logit, j) => f.set(chosen, v128.bitselect(logit, chosen, f32x4.eq(target, f32x4.const(j)))));
    const total = f32x4.add(maximum, logarithm(f, sum));
    quad.put(loss, [f.local("v128", f32x4.sub(total, chosen))]);
  },
  softmax_cross_entropy_backward({ p, t, dz }, quad) {
    const [target] = quad.columns(t);
    const scale = f32x4.const(1 / quad.batch);
    const hit = (j: number): V128 => v128.and(ONE, f32x4.eq(target, f32x4.const(j)));
    map(quad, p, (value, j) => f32x4.mul(f32x4.sub(value, hit(j)), scale), dz);
  },
  sigmoid_cross_entropy({ z, t, p, loss }, quad) {
    const { f } = quad;
    const targets = quad.columns(t);
    const terms = quad.columns(z).map((logit, j) => {
      const linear = f32x4.sub(f32x4.max(logit, ZERO), f32x4.mul(logit, targets[j]));
      const power = exponential(f, f32x4.neg(f32x4.abs(logit)));
      return f.local("v128", f32x4.add(linear, logarithmOfOnePlus(f, power)));
    });
    map(quad, z, (logit) => sigmoid(f, logit), p);
    quad.put(loss, [rowLoss(quad, terms, true)]);
  },
  sigmoid_cross_entropy_backward({ p, t, dz }, quad) {
    const targets = quad.columns(t);
    const scale = f32x4.const(1 / (quad.batch * targets.length));
    map(quad, p, (value, j) => f32x4.mul(f32x4.sub(value, targets[j]), scale), dz);
  },
  error_loss({ function: name, mean, y, t, loss }, quad) {
    const targets = quad.columns(t);
    const terms = quad.columns(y).map((value, j) => {
      const error = quad.f.local("v128", f32x4.sub(value, targets[j]));
      return quad.f.local("v128", ERROR_TERMS[name].value(quad.f, error));
    });
    quad.put(loss, [rowLoss(quad, terms, mean)]);
  },
  error_loss_backward({ function: name, mean, y, t, dy }, quad) {
    const targets = quad.columns(t);
    const scale = f32x4.const(mean ? 1 / (quad.batch * targets.length) : 1);
    const error = (value: Column, j: number): Column => quad.f.local("v128", f32x4.sub(value, targets[j]));
    map(quad, y, (value, j) => f32x4.mul(ERROR_TERMS[name].derivative(error(value, j)), scale), dy);
  },
  misclassification({ y, t, loss }, quad) {
    const targets = quad.columns(t);
    const wrong = quad.f.local("v128", ZERO);
    quad.columns(y).forEach((value, j) => quad.f.set(wrong, v128.or(wrong, f32x4.ne(value, targets[j]))));
    quad.put(loss, [quad.f.local("v128", v128.and(wrong, ONE))]);
  },
} satisfies { readonly [Kind in OperationKind]?: Emit<Kind> };

export type QuadOperation = OperationOf<keyof typeof QUAD_OPERATIONS>;

/** What some operations must be like besides: on vectors of a row, and on parameters as those of dense layers. */
const CONDITIONS: { readonly [Kind in QuadOperation["kind"]]?: Condition<Kind> } = {
  gemm_nn: ({ a, b, c }, parameters) => parameters.has(b) && !parameters.has(a) && isVector(a, c),
  gemm_nt: ({ a, b, c }, parameters) => parameters.has(b) && !parameters.has(a) && isVector(a, c),
  gemm_tn: ({ a, b }) => isVector(a, b),
  softmax: ({ x }) => isVector(x),
  softmax_backward: ({ y }) => isVector(y),
};

type Condition<Kind extends OperationKind> = (operation: OperationOf<Kind>, parameters: ReadonlySet<Tensor>) => boolean;

/** Whether the operation can be computed on quads; `parameters` are those of the network. */
export function isQuadOperation(operation: Operation, parameters: ReadonlySet<Tensor>): operation is QuadOperation {
  if (!(operation.kind in QUAD_OPERATIONS)) return false;
  const condition = CONDITIONS[operation.kind as QuadOperation["kind"]] as Condition<OperationKind> | undefined;
  return condition?.(operation, parameters) ?? true;
}

export function emitQuadOperation(operation: QuadOperation, quad: Quad): void {
  (QUAD_OPERATIONS[operation.kind] as Emit<QuadOperation["kind"]>)(operation, quad);
}

function isVector(...tensors: readonly Tensor[]): boolean {
  return tensors.every(({ shape, perRow }) => perRow && shape.length === 1);
}

function map(quad: Quad, from: Tensor, compute: (column: Column, j: number) => V128, to: Tensor): void {
  quad.put(
    to,
    quad.columns(from).map((column, j) => quad.f.local("v128", compute(column, j))),
  );
}

/** c_j = start(j) + Σ_k a_k·b(k,j) over ascending k. Strip by strip k is the outer loop, so that sums do not wait for each other. */
function product(
  quad: Quad,
  c: Tensor,
  a: readonly Column[],
  width: number,
  b: (k: number, j: number) => V128,
  depth: number,
  start: (j: number) => V128 = () => ZERO,
): void {
  const sums = Array.from({ length: width }, (_, j) => quad.f.local("v128", start(j)));
  for (let first = 0; first < width; first += STRIP) {
    for (let k = 0; k < depth; k++) {
      for (let j = first; j < Math.min(first + STRIP, width); j++) {
        quad.f.set(sums[j], multiplyAdd(quad.fused, a[k], b(k, j), sums[j]));
      }
    }
  }
  quad.put(c, sums);
}

function softmax(quad: Quad, x: Tensor, y: Tensor): { readonly maximum: Column; readonly sum: Column } {
  const { f } = quad;
  const values = quad.columns(x);
  const maximum = f.local("v128", values[0]);
  // A NaN counts only in the first place, where it stays.
  for (const value of values.slice(1)) f.set(maximum, v128.bitselect(value, maximum, f32x4.gt(value, maximum)));
  const powers = values.map((value) => exponential(f, f32x4.sub(value, maximum)));
  const sum = sumOf(f, powers);
  quad.put(
    y,
    powers.map((power) => f.local("v128", f32x4.div(power, sum))),
  );
  return { maximum, sum };
}

/** The terms of each row added up, divided by their number when `mean`; a single term is the loss itself. */
function rowLoss({ f }: Quad, terms: readonly Column[], mean: boolean): Column {
  if (terms.length === 1) return terms[0];
  const sum = sumOf(f, terms);
  return mean ? f.local("v128", f32x4.mul(sum, f32x4.const(1 / terms.length))) : sum;
}
