// What tells whether a deep network learns at all: the size of its gradients and weights, and relu units that are dead.
// gradient norm   √Σ g² over all gradients of the epoch's last batch, before clipping: vanishing or exploding
// weight norm     √Σ θ² over all parameters
// dead relus      share of relu units (of an image: channels) that give 0 for every one of up to 512 training rows
import { loadBatch } from "./data.ts";
import type { TrainingData } from "./data.ts";
import type { Step } from "./kernels/kernels.ts";
import type { Network } from "./network.ts";
import type { Operation } from "./operations.ts";
import { fixedTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

export interface Diagnostics {
  readonly gradient_norm: number;
  readonly weight_norm: number;
  /** Null for a network without relu. */
  readonly dead_relus: number | null;
}

/** Forward, with a mark for each relu unit that was ever above 0. */
export interface DiagnosisPlan {
  readonly operations: readonly Operation[];
  /** One number for each unit of each relu: 0 or 1. */
  readonly marks: readonly Tensor[];
}

/** Rows that are looked at for dead units, evenly chosen. */
const MOST_ROWS = 512;

export function planDiagnosis(inference: readonly Operation[]): DiagnosisPlan {
  const marks: Tensor[] = [];
  const operations = inference.flatMap((operation): Operation[] => {
    if (operation.kind !== "activate" || operation.function !== "relu") return [operation];
    const { y } = operation;
    const active = fixedTensor(`${y.name}.active`, y.shape.slice(-1));
    marks.push(active);
    return [operation, { kind: "mark_active", y, active }];
  });
  return { operations, marks };
}

/** The figures of a network as it is now; null where they were not planned. Leaves parameters and statistics as they are. */
export function diagnosisOf(network: Network, data: TrainingData): (() => Diagnostics) | null {
  const { plan, memory, kernels } = network;
  const norm = plan.training?.gradientNorm ?? null;
  if (norm === null || plan.diagnosis === null) return null;
  // The first thread alone, with the rows that it has room for; it may have more than a batch has.
  const most = Math.min(plan.rowsPerThread, plan.batchCapacity);
  const look = kernels.bind(plan.diagnosis.operations, memory);
  const step: Step = { rows: 0, batchRows: 0, firstRow: 0, learningRate: 0, number: 0, seed: 0 };
  const count = Math.min(data.rows, MOST_ROWS);
  const rows = Uint32Array.from({ length: count }, (_, index) => Math.floor((index * data.rows) / count));
  const weights = plan.training!.parameters.map(({ value }) => memory.view(value));
  const marks = plan.diagnosis.marks.map((mark) => memory.view(mark));
  return () => {
    for (const mark of marks) mark.fill(0);
    for (let start = 0; start < count && marks.length > 0; start += step.rows) {
      step.rows = Math.min(most, count - start);
      step.batchRows = step.rows;
      loadBatch(network, data, rows, start, step.rows);
      look(step);
    }
    let [squares, units, dead] = [0, 0, 0];
    for (const values of weights) for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
    for (const mark of marks) {
      units += mark.length;
      for (let i = 0; i < mark.length; i++) if (mark[i] === 0) dead += 1;
    }
    return {
      gradient_norm: memory.view(norm)[0],
      weight_norm: Math.sqrt(squares),
      dead_relus: units === 0 ? null : dead / units,
    };
  };
}
