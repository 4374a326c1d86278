// Padding behind or before the tokens of a row, hidden from what a softmax chooses among. x (B,T,S), S tokens a row.
import type { Family, Round } from "./family.ts";

/** Token that fills up rows shorter than the others. */
export const PADDING = 0;
/** What a softmax makes 0 of, even where every x is large and negative; −∞ would make a row of padding alone NaN. */
export const HIDDEN = -1e30;

export function paddingKernels(round: Round): Family<"mask_padding"> {
  const hidden = round(HIDDEN);
  return {
    mask_padding: ({ tokens, first, x }, memory) => {
      const [token, scores] = [memory.view(tokens), memory.view(x)];
      const [steps, width] = x.shape;
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          for (let t = 0; t < steps; t++) {
            const start = (row * steps + t) * width;
            for (let j = 0; j < width; j++) {
              if (token[row * tokens.rowSize + first + j] === PADDING) scores[start + j] = hidden;
            }
          }
        }
      };
    },
  };
}
