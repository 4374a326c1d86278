// The closed list of kernel operations. A layer computes nothing: it emits these records, forward and backward, so the
// whole training step is data that can be sized, listed, fused and compiled before it runs.
// Shapes: B is the number of rows in this batch (at most the capacity); (B,n) tensors are per row.
import type { Tensor } from "./tensor.ts";

export type ElementFunction = "relu" | "leaky_relu" | "tanh" | "sigmoid" | "gelu" | "threshold";
export type ErrorFunction = "squared" | "half_squared" | "absolute" | "huber";

export type Operation =
  // Matrix products. Every sum runs over ascending k, whatever the batch size.
  /** c = a·b        a (B,k)  b (k,n)  c (B,n) */
  | { readonly kind: "gemm_nn"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  /** c += aᵀ·b      a (B,m)  b (B,n)  c (m,n): the sum runs over the batch */
  | { readonly kind: "gemm_tn"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  /** c = a·bᵀ       a (B,n)  b (k,n)  c (B,k) */
  | { readonly kind: "gemm_nt"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  // Rows and elements.
  /** y += row for every batch row   row (n)  y (B,n) */
  | { readonly kind: "add_row"; readonly row: Tensor; readonly y: Tensor }
  /** sum += Σ_B x                   x (B,n)  sum (n) */
  | { readonly kind: "sum_rows"; readonly x: Tensor; readonly sum: Tensor }
  /** every element of every tensor = 0 */
  | { readonly kind: "clear"; readonly tensors: readonly Tensor[] }
  /** y = x */
  | { readonly kind: "copy"; readonly x: Tensor; readonly y: Tensor }
  /** c = a ⊙ b, element by element */
  | { readonly kind: "multiply"; readonly a: Tensor; readonly b: Tensor; readonly c: Tensor }
  // Activations.
  /** y = f(x), element by element */
  | { readonly kind: "activate"; readonly function: ElementFunction; readonly x: Tensor; readonly y: Tensor }
  /** dx = dy ⊙ f′, f′ expressed by x and y = f(x) */
  | {
      readonly kind: "activate_backward";
      readonly function: ElementFunction;
      readonly x: Tensor;
      readonly y: Tensor;
      readonly dy: Tensor;
      readonly dx: Tensor;
    }
  /** y_i = e^{x_i} / Σ_j e^{x_j} in each row */
  | { readonly kind: "softmax"; readonly x: Tensor; readonly y: Tensor }
  /** dx_i = y_i · (dy_i − Σ_j dy_j·y_j) in each row: the Jacobian of softmax times dy */
  | { readonly kind: "softmax_backward"; readonly y: Tensor; readonly dy: Tensor; readonly dx: Tensor }
  /** mask = 0 with probability rate, else 1/(1−rate), drawn from stream (seed, layer, step); y = x ⊙ mask */
  | {
      readonly kind: "dropout";
      readonly x: Tensor;
      readonly mask: Tensor;
      readonly y: Tensor;
      readonly rate: number;
      readonly layer: number;
    }
  // Losses. `loss` (B) gets one value per row; gradients are of the batch's reduced loss.
  /** p = softmax(z), loss = log Σ_j e^{z_j} − z_t     z (B,n)  t (B,1) class index  p (B,n) */
  | {
      readonly kind: "softmax_cross_entropy";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly p: Tensor;
      readonly loss: Tensor;
    }
  /** dz = (p − onehot(t)) / B */
  | {
      readonly kind: "softmax_cross_entropy_backward";
      readonly p: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
    }
  /** p = sigmoid(z), loss = mean_j max(z,0) − z·t + log(1 + e^{−|z|})     z, t, p (B,n) */
  | {
      readonly kind: "sigmoid_cross_entropy";
      readonly z: Tensor;
      readonly t: Tensor;
      readonly p: Tensor;
      readonly loss: Tensor;
    }
  /** dz = (p − t) / (B·n) */
  | {
      readonly kind: "sigmoid_cross_entropy_backward";
      readonly p: Tensor;
      readonly t: Tensor;
      readonly dz: Tensor;
    }
  /** loss = Σ_j f(y_j − t_j), divided by n when `mean`     y, t (B,n) */
  | {
      readonly kind: "error_loss";
      readonly function: ErrorFunction;
      readonly mean: boolean;
      readonly y: Tensor;
      readonly t: Tensor;
      readonly loss: Tensor;
    }
  /** dy = f′(y − t), divided by B·n when `mean` */
  | {
      readonly kind: "error_loss_backward";
      readonly function: ErrorFunction;
      readonly mean: boolean;
      readonly y: Tensor;
      readonly t: Tensor;
      readonly dy: Tensor;
    }
  /** loss = 1 for a row in which any y differs from t, else 0 */
  | { readonly kind: "misclassification"; readonly y: Tensor; readonly t: Tensor; readonly loss: Tensor }
  // Gradient clipping over all parameters at once.
  /** g ← g · maximum/‖g‖ when the norm over all gradients exceeds maximum */
  | { readonly kind: "clip_norm"; readonly gradients: readonly Tensor[]; readonly maximum: number }
  /** every element of g into [−maximum, maximum] */
  | { readonly kind: "clip_value"; readonly gradients: readonly Tensor[]; readonly maximum: number }
  // Optimizer updates of one parameter θ with gradient g; formulas stand in optimizers/.
  | {
      readonly kind: "sgd";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly velocity: Tensor | null;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: "adam";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly m: Tensor;
      readonly v: Tensor;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
      readonly decoupled: boolean;
    }
  | {
      readonly kind: "rmsprop";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly v: Tensor;
      readonly velocity: Tensor | null;
      readonly alpha: number;
      readonly epsilon: number;
      readonly momentum: number;
      readonly weightDecay: number;
    }
  | {
      readonly kind: "adagrad";
      readonly parameter: Tensor;
      readonly gradient: Tensor;
      readonly sum: Tensor;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

export type OperationKind = Operation["kind"];
export type OperationOf<Kind extends OperationKind> = Extract<Operation, { kind: Kind }>;

/** y = x·W. x (B,k) W (k,n) y (B,n) */
export function matrixMultiply(x: Tensor, W: Tensor, y: Tensor): Operation {
  return { kind: "gemm_nn", a: x, b: W, c: y };
}

/** dW += xᵀ·dy. x (B,m) dy (B,n) dW (m,n) */
export function addTransposedTimes(x: Tensor, dy: Tensor, dW: Tensor): Operation {
  return { kind: "gemm_tn", a: x, b: dy, c: dW };
}

/** dx = dy·Wᵀ. dy (B,n) W (k,n) dx (B,k) */
export function timesTransposed(dy: Tensor, W: Tensor, dx: Tensor): Operation {
  return { kind: "gemm_nt", a: dy, b: W, c: dx };
}

/** y += b in every row. b (n) y (B,n) */
export function addRow(b: Tensor, y: Tensor): Operation {
  return { kind: "add_row", row: b, y };
}

/** db += Σ_B dy. dy (B,n) db (n) */
export function sumRows(dy: Tensor, db: Tensor): Operation {
  return { kind: "sum_rows", x: dy, sum: db };
}

/** y = x */
export function copy(x: Tensor, y: Tensor): Operation {
  return { kind: "copy", x, y };
}

/** c = a ⊙ b */
export function multiply(a: Tensor, b: Tensor, c: Tensor): Operation {
  return { kind: "multiply", a, b, c };
}

/** Every tensor an operation reads or writes, in the order of its fields. */
export function tensorsOf(operation: Operation): Tensor[] {
  return Object.values(operation).flat().filter(isTensor);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value;
}
