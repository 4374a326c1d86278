// Connectionist temporal classification. Graves, Fernández, Gomez & Schmidhuber, 2006.
// A path has one class in each of N steps; it stands for the labels l that are left when repetitions, then blanks, are taken
// out. l′ = [– l_1 – l_2 – … l_L –], S = 2L+1 states; y_t = softmax(z_t). In logarithms, s counted from 0:
// ln α_t(s) = ln y_t(l′_s) + ln Σ_r e^{ln α_{t−1}(r)}           the paths of steps 0…t that end in state s
// ln β_t(s) = ln Σ_r e^{ln β_{t+1}(r) + ln y_{t+1}(l′_r)}       their continuations behind step t
//             r one of s, s ∓ 1, and s ∓ 2 where two different labels are in s and r
// ln p      = ln(α_{N−1}(S−1) + α_{N−1}(S−2))
// value     L = −ln p / max(1, L)                 ∞ where N steps are too few for the labels; the gradient is then 0
// gradient  dz_t(k) = (y_t(k) − Σ_{s: l′_s = k} α_t(s)·β_t(s) / p) / (B·max(1, L))
// Sums over so many paths are made in double precision; what is stored is rounded.
import type { Memory } from "../../memory.ts";
import type { OperationOf } from "../../operations.ts";
import { BLANK } from "../../operations/transcription.ts";
import type { Elements } from "../../tensor.ts";
import type { Family, Round } from "./family.ts";

export function ctcKernels(round: Round): Family<"ctc" | "ctc_gradient"> {
  return {
    ctc: (operation, memory) => {
      const write = lossWriter(operation, memory, latticeOf(operation, memory), null);
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) write(row);
      };
    },
    ctc_gradient: (operation, memory) => {
      const lattice = latticeOf(operation, memory);
      const [alpha, dz] = [memory.view(operation.alpha), memory.view(operation.dz)];
      const write = lossWriter(operation, memory, lattice, alpha);
      return ({ rows, batchRows }) => {
        for (let row = 0; row < rows; row++) {
          const logLikelihood = write(row);
          writeGradient(row, logLikelihood, round(1 / (batchRows * Math.max(1, lattice.labels))));
        }
      };

      function writeGradient(row: number, logLikelihood: number, scale: number): void {
        const { classes, capacity, states, path, logY } = lattice;
        const rowStart = row * operation.dz.rowSize;
        const steps = Number.isFinite(logLikelihood) ? lattice.steps : 0;
        dz.fill(0, rowStart + steps * classes, rowStart + operation.dz.rowSize);
        let [beta, next] = lattice.columns;
        for (let step = steps - 1; step >= 0; step--) {
          const start = rowStart + step * classes;
          for (let k = start; k < start + classes; k++) dz[k] = round(dz[k] * scale);
          for (let s = 0; s < states; s++) {
            beta[s] = step === steps - 1 ? (s >= states - 2 ? 0 : -Infinity) : behind(next, s, step + 1);
            const share = Math.exp(alpha[step * capacity + s] + beta[s] - logLikelihood);
            dz[start + path[s]] = round(dz[start + path[s]] - round(share * scale));
          }
          [beta, next] = [next, beta];
        }

        /** ln β of state s before step `at`, from that behind it. */
        function behind(later: Float64Array, s: number, at: number): number {
          const same = later[s] + logY(at, s);
          const following = s + 1 < states ? later[s + 1] + logY(at, s + 1) : -Infinity;
          return logSum(same, following, lattice.mayPassOver(s + 2) ? later[s + 2] + logY(at, s + 2) : -Infinity);
        }
      }
    },
  };

  /** Writes loss and correct of a row and leaves it in the lattice; gives ln p. ln α is kept where it is wanted. */
  function lossWriter(
    operation: OperationOf<"ctc" | "ctc_gradient">,
    memory: Memory,
    lattice: Lattice,
    alpha: Elements | null,
  ): (row: number) => number {
    const [loss, correct] = [memory.view(operation.loss), memory.view(operation.correct)];
    return (row) => {
      lattice.read(row);
      const { steps, states, capacity, logY } = lattice;
      let [now, before] = lattice.columns;
      for (let step = 0; step < steps; step++) {
        for (let s = 0; s < states; s++) {
          now[s] = step === 0 ? (s < 2 ? logY(0, s) : -Infinity) : arrived(before, s) + logY(step, s);
          if (alpha !== null) alpha[step * capacity + s] = now[s];
        }
        [now, before] = [before, now];
      }
      const logLikelihood = states === 1 ? before[0] : logSum(before[states - 1], before[states - 2]);
      loss[row] = round(-logLikelihood / Math.max(1, lattice.labels));
      correct[row] = lattice.isLikeliest() ? 1 : 0;
      return logLikelihood;

      function arrived(earlier: Float64Array, s: number): number {
        const previous = s > 0 ? earlier[s - 1] : -Infinity;
        return logSum(earlier[s], previous, lattice.mayPassOver(s) ? earlier[s - 2] : -Infinity);
      }
    };
  }
}

/** One row of a batch: its logits, and the states that its paths go through. */
interface Lattice {
  readonly classes: number;
  /** States that a row has at most: 2S+1. */
  readonly capacity: number;
  /** Two columns of numbers, one for each state. */
  readonly columns: readonly [Float64Array, Float64Array];
  /** The class of each state. */
  readonly path: Int32Array;
  /** Of the row that was read last. */
  steps: number;
  labels: number;
  states: number;
  read(row: number): void;
  /** ln y_t(l′_s) */
  logY(step: number, state: number): number;
  /** Whether state s may follow state s − 2: both are labels, and not the same. */
  mayPassOver(state: number): boolean;
  /** Whether the path of the largest logits stands for the labels. */
  isLikeliest(): boolean;
}

function latticeOf(operation: OperationOf<"ctc" | "ctc_gradient">, memory: Memory): Lattice {
  const [z, t] = [memory.view(operation.z), memory.view(operation.t)];
  const [length, classes] = operation.z.shape;
  const most = operation.t.rowSize - 1;
  const capacity = 2 * most + 1;
  const path = new Int32Array(capacity).fill(BLANK);
  const logNorm = new Float64Array(length);
  let start = 0;
  const lattice: Lattice = {
    classes,
    capacity,
    columns: [new Float64Array(capacity), new Float64Array(capacity)],
    path,
    steps: 0,
    labels: 0,
    states: 1,
    read(row) {
      start = row * length * classes;
      const target = row * (1 + most);
      lattice.steps = t[target] === 0 ? length : t[target];
      let labels = 0;
      while (labels < most && t[target + 1 + labels] >= 0) path[1 + 2 * labels] = t[target + 1 + labels++];
      lattice.labels = labels;
      lattice.states = 2 * labels + 1;
      for (let step = 0; step < lattice.steps; step++) logNorm[step] = logSumOf(z, start + step * classes, classes);
    },
    logY: (step, state) => z[start + step * classes + path[state]] - logNorm[step],
    mayPassOver: (s) => s >= 3 && s < lattice.states && s % 2 === 1 && path[s] !== path[s - 2],
    isLikeliest() {
      let [found, before] = [0, BLANK];
      for (let step = 0; step < lattice.steps; step++) {
        const best = largest(z, start + step * classes, classes);
        if (best !== BLANK && best !== before) {
          if (found === lattice.labels || path[1 + 2 * found] !== best) return false;
          found++;
        }
        before = best;
      }
      return found === lattice.labels;
    },
  };
  return lattice;
}

/** ln(eᵃ + eᵇ + eᶜ), −∞ where all of them are. */
function logSum(a: number, b: number, c = -Infinity): number {
  const most = Math.max(a, b, c);
  if (most === -Infinity) return most;
  return most + Math.log(Math.exp(a - most) + Math.exp(b - most) + Math.exp(c - most));
}

/** ln Σ e^x of `count` numbers. */
function logSumOf(x: Elements, start: number, count: number): number {
  let [most, sum] = [-Infinity, 0];
  for (let i = start; i < start + count; i++) most = Math.max(most, x[i]);
  for (let i = start; i < start + count; i++) sum += Math.exp(x[i] - most);
  return most + Math.log(sum);
}

/** Position of the largest of `count` numbers, the first among equals. */
function largest(x: Elements, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (x[start + i] > x[start + best]) best = i;
  return best;
}
