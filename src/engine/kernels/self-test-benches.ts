// What the self-test runs beside products and a training step (self-test.ts): every other kind of operation once, of odd
// shapes, each on tensors of its own. Small, because every process that starts runs them, from code that is still cold.
import type { Operation } from "../operations.ts";
import type { Window } from "../operations/images.ts";
import { fixedTensor, rowTensor } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";

const ROWS = 2;
const rows = (name: string, ...shape: number[]): Tensor => rowTensor(name, shape, ROWS);
const fixed = (name: string, ...shape: number[]): Tensor => fixedTensor(name, shape);

/** A convolution and its gradients. */
function convolution(window: Window, image: readonly number[], outputs: readonly number[], groups = 1): Operation[] {
  const W = fixed("W", ...window.size, image[2] / groups, outputs[2]);
  const [x, dx, y, dy] = [rows("x", ...image), rows("dx", ...image), rows("y", ...outputs), rows("dy", ...outputs)];
  return [
    { kind: "conv2d", window, groups, relu: true, x, W, b: fixed("b", outputs[2]), y },
    { kind: "conv2d_input_gradient", window, groups, dy, W, dx },
    { kind: "conv2d_weight_gradient", window, groups, x, dy, dW: fixed("dW", ...W.shape) },
  ];
}

const STRIDED: Window = { size: [3, 2], stride: [2, 1], dilation: [1, 2], border: [1, 0] };
const SQUARE: Window = { size: [3, 3], stride: [1, 1], dilation: [1, 1], border: [1, 1] };

/** Recurrent layers of 9 units over 3 steps, and products of each row. */
function recurrences(): Operation[] {
  const [steps, units] = [3, 9];
  const all = (name: string, gates = 1): Tensor => rows(name, steps, gates * units);
  const state = (name: string): Tensor => rows(name, units);
  const weights = (name: string, gates: number): Tensor => fixed(name, units, gates * units);
  const bias = (name: string, gates: number): Tensor => fixed(name, gates * units);
  return [
    {
      kind: "lstm",
      mask: state("lstm mask"),
      gates: all("lstm gates", 4),
      U: weights("lstm U", 4),
      b: bias("lstm b", 4),
      h0: state("lstm h0"),
      c0: null,
      h: all("lstm h"),
      c: all("lstm c"),
      tanhC: all("lstm tanhC"),
      y: all("lstm y"),
      hLast: state("lstm hLast"),
      cLast: state("lstm cLast"),
    },
    {
      kind: "lstm_backward",
      mask: null,
      gates: all("lstm given", 4),
      U: weights("lstm V", 4),
      c: all("lstm before"),
      tanhC: all("lstm after"),
      dy: all("lstm dy"),
      dh: state("lstm dh"),
      dc: state("lstm dc"),
      dgates: all("lstm dgates", 4),
    },
    {
      kind: "gru",
      mask: null,
      masked: null,
      gates: all("gru gates", 3),
      U: weights("gru U", 3),
      b: bias("gru b", 3),
      bU: bias("gru bU", 3),
      h0: null,
      h: all("gru h"),
      recurrent: all("gru recurrent", 3),
      y: all("gru y"),
      hLast: state("gru hLast"),
    },
    {
      kind: "gru_backward",
      mask: state("gru mask"),
      dmasked: state("gru dmasked"),
      gates: all("gru given", 3),
      recurrent: all("gru products", 3),
      U: weights("gru V", 3),
      h: all("gru before"),
      dy: all("gru dy"),
      dh: state("gru dh"),
      dgates: all("gru dgates", 3),
      drecurrent: all("gru drecurrent", 3),
    },
    {
      kind: "simple_rnn",
      mask: null,
      gates: all("rnn gates"),
      U: weights("rnn U", 1),
      b: bias("rnn b", 1),
      h0: state("rnn h0"),
      h: all("rnn h"),
      hLast: state("rnn hLast"),
    },
    {
      kind: "simple_rnn_backward",
      mask: state("rnn mask"),
      gates: all("rnn given"),
      U: weights("rnn V", 1),
      dy: all("rnn dy"),
      dh: state("rnn dh"),
      dgates: all("rnn dgates"),
    },
    { kind: "batched_nn", a: rows("a", 3, 5), b: rows("b", 5, 7), c: rows("nn", 3, 7), accumulate: false },
    { kind: "batched_tn", a: rows("aᵀ", 5, 3), b: rows("b", 5, 7), c: rows("tn", 3, 7), accumulate: true },
    { kind: "batched_nt", a: rows("a", 3, 5), b: rows("bᵀ", 7, 5), c: rows("nt", 3, 7), accumulate: true },
  ];
}

/** Pooling and normalisation, in whole vectors and a rest. */
function imagesAndNorms(): Operation[] {
  const window: Window = { size: [3, 2], stride: [1, 2], dilation: [1, 1], border: [1, 0] };
  const image = (name: string): Tensor => rows(name, 5, 4, 21);
  const pooled = (name: string): Tensor => rows(name, 5, 2, 21);
  const channels = (name: string): Tensor => fixed(name, 21);
  const [x, dy] = [image("x"), image("dy")];
  const [gamma, beta, mean, inverse] = ["gamma", "beta", "mean", "inverse"].map(channels);
  const largest = pooled("largest");
  const y = image("batch norm");
  const fused = { residual: image("residual"), relu: true, epsilon: 1e-5 };
  const own = { mean: rows("own mean", 5, 4), inverse: rows("own inverse", 5, 4) };
  const [dgamma, dbeta] = [channels("dgamma"), channels("dbeta")];
  const local = { size: 5, alpha: 0.1, beta: 0.75 };
  return [
    { kind: "max_pool2d", window, x, y: largest },
    { kind: "max_pool2d_backward", window, x, y: largest, dy: pooled("dmax"), dx: image("max dx") },
    { kind: "average_pool2d", window, x, y: pooled("average") },
    { kind: "average_pool2d_backward", window, dy: pooled("daverage"), dx: image("average dx") },
    {
      kind: "batch_norm",
      x,
      gamma,
      beta,
      mean,
      inverse,
      y,
      momentum: 0.1,
      ...fused,
      runningMean: channels("running mean"),
      runningVariance: channels("running variance"),
    },
    {
      kind: "batch_norm_inference",
      x,
      gamma,
      beta,
      ...fused,
      runningMean: channels("mean before"),
      runningVariance: channels("square"),
      y: image("batch norm inference"),
    },
    { kind: "batch_norm_backward", x, gamma, mean, inverse, y, dy, dgamma, dbeta, dx: image("batch norm dx") },
    { kind: "layer_norm", x, gamma, beta, ...own, y: image("layer norm"), epsilon: 1e-5 },
    { kind: "layer_norm_backward", x, gamma, ...own, dy, dgamma, dbeta, dx: image("layer norm dx") },
    { kind: "local_response_norm", x, s: image("local sums"), y: image("local"), ...local, k: 2 },
    { kind: "local_response_norm_backward", x, s: image("square"), y, dy, dx: image("local dx"), ...local },
  ];
}

/** Everything that works element by element or row by row. */
function elementsAndRows(): Operation[] {
  const n = 21;
  const vector = (name: string): Tensor => rows(name, n);
  const [a, b, t, p] = [vector("a"), vector("b"), vector("t"), vector("p")];
  const steps = (name: string, width: number): Tensor => rows(name, 3, width);
  const indices = rows("class", 4);
  const [z, classes] = [steps("z", 6), rows("class", 3)];
  const results = () => ({ loss: rows("loss", 1), correct: rows("correct", 1) });
  const weight = (name: string): Tensor => fixed(name, n);
  const gradient = weight("g");
  const parameters = () => ({ parameter: weight("theta"), gradient, weightDecay: 0.01 });
  return [
    { kind: "copy", x: a, y: vector("copy") },
    { kind: "add", a, b, c: vector("a+b") },
    { kind: "multiply", a, b, c: vector("a·b") },
    { kind: "add_row", x: a, row: weight("row"), y: vector("a+row") },
    { kind: "scale", x: vector("scaled"), factor: 0.3 },
    { kind: "sum_rows", x: a, sum: weight("sum") },
    { kind: "activate", function: "gelu", x: a, y: vector("gelu") },
    { kind: "activate_backward", function: "gelu", x: a, y: vector("gelu"), dy: b, dx: vector("dgelu") },
    { kind: "softmax", x: a, y: p },
    { kind: "softmax_backward", y: p, dy: b, dx: vector("dsoftmax") },
    { kind: "softmax_cross_entropy_gradient", z, t: classes, dz: steps("dz", 6), ...results() },
    { kind: "dropout", x: a, mask: vector("mask"), y: vector("dropped"), rate: 0.4, stream: 3 },
    { kind: "draw_mask", mask: vector("drawn"), rate: 0.4, stream: 2 },
    { kind: "multiply_channels", x: steps("x", 7), factors: rows("factors", 7), y: steps("multiplied", 7) },
    { kind: "embed", indices, first: 1, E: fixed("E", 5, 7), y: steps("embedded", 7) },
    { kind: "embed_backward", indices, first: 1, dy: steps("dembedded", 7), dE: fixed("dE", 5, 7) },
    { kind: "additive_scores", q: steps("q", 7), k: steps("k", 7), v: fixed("v", 7), s: steps("pairs", 3) },
    {
      kind: "additive_scores_backward",
      q: steps("q", 7),
      k: steps("k", 7),
      v: fixed("v", 7),
      ds: steps("dpairs", 3),
      dq: steps("dq", 7),
      dk: steps("dk", 7),
      dv: fixed("dv", 7),
    },
    { kind: "mask_padding", tokens: indices, first: 1, x: steps("scores", 3) },
    { kind: "concatenate", parts: [steps("left", 5), steps("right", 7)], y: steps("joined", 12) },
    { kind: "split", y: steps("whole", 12), parts: [steps("first", 5), steps("second", 7)] },
    { kind: "reverse_steps", x: steps("forwards", 7), y: steps("backwards", 7) },
    { kind: "sigmoid_cross_entropy", z: a, t, p: vector("sigmoid"), loss: rows("sigmoid loss", 1) },
    { kind: "sigmoid_cross_entropy_backward", p: b, t, dz: vector("dsigmoid") },
    { kind: "smooth_classes", z, t: classes, loss: rows("smooth loss", 1), dz: steps("smooth dz", 6), amount: 0.1 },
    { kind: "smooth_values", z: a, t, loss: rows("soft loss", 1), dz: vector("soft dz"), amount: 0.1 },
    { kind: "weight_rows", weights: rows("row weights", 1), loss: rows("weighted", 1), dz: vector("weighted dz") },
    { kind: "average", parameter: weight("averaged"), average: weight("average"), decay: 0.9 },
    { kind: "error_loss", function: "huber", mean: true, y: a, t, loss: rows("error", 1) },
    { kind: "error_loss_backward", function: "huber", mean: true, y: a, t, dy: vector("derror") },
    { kind: "clip_norm", gradients: [gradient], maximum: 0.7 },
    { kind: "clip_value", gradients: [weight("clipped")], maximum: 0.7 },
    { kind: "sgd", ...parameters(), velocity: weight("velocity"), momentum: 0.9, nesterov: true },
    {
      kind: "rmsprop",
      ...parameters(),
      v: weight("square"),
      velocity: null,
      alpha: 0.99,
      epsilon: 1e-6,
      momentum: 0,
    },
    { kind: "adagrad", ...parameters(), sum: weight("square"), epsilon: 1e-6 },
  ];
}

/** Sums of products; those over square windows by minimal filtering where multiply-add is fused. */
export const OTHER_PRODUCTS = {
  rows: ROWS,
  operations: [
    ...convolution(STRIDED, [7, 6, 3], [4, 4, 21]),
    ...convolution(SQUARE, [4, 3, 16], [4, 3, 24]),
    ...convolution(SQUARE, [3, 4, 6], [3, 4, 9], 3),
    ...convolution(STRIDED, [5, 6, 5], [3, 4, 5], 5),
    ...recurrences(),
  ],
};

/** What multiplies and adds in separate instructions everywhere. */
export const OTHERS = { rows: ROWS, operations: [...imagesAndNorms(), ...elementsAndRows()] };
