// Tokens: inputs that are indices into a table. A kernel looks them up unseen, so they are checked where rows come in.
import { EngineError } from "./engine-error.ts";
import type { Plan } from "./plan.ts";
import type { Elements } from "./tensor.ts";

/** Throws `invalid_data` unless every input that the network looks up is an entry of its table. `op` is for the message. */
export function checkTokens({ input, predict }: Plan, inputs: Elements, rows: number, op: string): void {
  for (const operation of predict) {
    if (operation.kind !== "embed" || operation.indices.storage !== input.storage) continue;
    const { first, E, y } = operation;
    const vocabulary = E.shape[0];
    for (let row = 0; row < rows; row++) {
      for (let column = first; column < first + y.shape[0]; column++) {
        const token = inputs[row * input.rowSize + column];
        if (Number.isInteger(token) && token >= 0 && token < vocabulary) continue;
        const expected = `a token from 0 to ${vocabulary - 1} in row ${row}, position ${column}`;
        throw new EngineError("invalid_data", { op, expected, got: String(token) });
      }
    }
  }
}
