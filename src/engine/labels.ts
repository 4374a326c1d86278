// Labels of sequences that say nothing of their steps: what a loss such as ctc takes, checked where rows come in.
import type { TrainingData } from "./data.ts";
import { EngineError } from "./engine-error.ts";
import type { Objective } from "./output.ts";

/** Steps that labels need: one each, and a blank between two that are the same. */
export function stepsNeeded(labels: ArrayLike<number>): number {
  let steps = labels.length;
  for (let i = 1; i < labels.length; i++) if (labels[i] === labels[i - 1]) steps++;
  return steps;
}

/** Throws `invalid_data` unless each row of targets is a number of steps, labels from 1 on that these have room for, and −1
 * behind them. `op` is for the message. */
export function checkLabels({ t, z }: Objective, { targets, rows }: TrainingData, op: string): void {
  const [length, classes] = z.shape;
  for (let row = 0; row < rows; row++) {
    const [count, ...rest] = targets.subarray(row * t.rowSize, (row + 1) * t.rowSize);
    const wrong = (expected: string, got: number): EngineError =>
      new EngineError("invalid_data", { op, expected: `${expected} in row ${row}`, got: String(got) });
    if (!(Number.isInteger(count) && count >= 0 && count <= length)) throw wrong(`0 to ${length} steps`, count);
    const end = rest.indexOf(-1);
    const labels = end === -1 ? rest : rest.slice(0, end);
    const odd = rest.find((label, at) =>
      at < labels.length ? !(Number.isInteger(label) && label > 0 && label < classes) : label !== -1,
    );
    if (odd !== undefined) throw wrong(`labels from 1 to ${classes - 1}, then −1,`, odd);
    const [steps, needed] = [count === 0 ? length : count, stepsNeeded(labels)];
    if (needed > steps) throw wrong(`at least ${needed} steps for the ${labels.length} labels`, steps);
  }
}
