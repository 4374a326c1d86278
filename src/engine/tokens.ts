// Tokens: inputs that are indices into a table. A kernel looks them up unseen, so they are checked where rows come in.
import { EngineError } from "./engine-error.ts";
import type { Plan } from "./plan.ts";
import type { Elements } from "./tensor.ts";

/** An input that is no entry of the table it is looked up in. */
export interface WrongToken {
  readonly row: number;
  /** Of the row's inputs, from 0. */
  readonly position: number;
  readonly got: number;
  readonly vocabulary: number;
}

/** Every wrong token of the rows, table by table, in the order of the rows. */
export function* wrongTokens({ input, predict }: Plan, inputs: Elements, rows: number): Generator<WrongToken, void> {
  for (const operation of predict) {
    if (operation.kind !== "embed" || operation.indices.storage !== input.storage) continue;
    const { first, E, y } = operation;
    const vocabulary = E.shape[0];
    for (let row = 0; row < rows; row++) {
      for (let position = first; position < first + y.shape[0]; position++) {
        const got = inputs[row * input.rowSize + position];
        if (Number.isInteger(got) && got >= 0 && got < vocabulary) continue;
        yield { row, position, got, vocabulary };
      }
    }
  }
}

/** Throws `invalid_data` at the first wrong token. `op` is for the message. */
export function checkTokens(plan: Plan, inputs: Elements, rows: number, op: string): void {
  const { value: wrong } = wrongTokens(plan, inputs, rows).next();
  if (wrong === undefined) return;
  const expected = `a token from 0 to ${wrong.vocabulary - 1} in row ${wrong.row}, position ${wrong.position}`;
  throw new EngineError("invalid_data", { op, expected, got: String(wrong.got) });
}
