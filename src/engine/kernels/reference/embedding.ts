// Embedding: rows of a table by their indices. indices (B,…), T of them from column `first` on; E (V,n); y (B,T,n)
// forward   y_t = E[i_t]
// backward  dE[i_t] += dy_t, over ascending rows and steps
import type { Family, Round } from "./family.ts";

export function embeddingKernels(round: Round): Family<"embed" | "embed_backward"> {
  return {
    embed: ({ indices, first, E, y }, memory) => {
      const [index, table, output] = [memory.view(indices), memory.view(E), memory.view(y)];
      const [steps, width] = y.shape;
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          for (let t = 0; t < steps; t++) {
            const from = index[row * indices.rowSize + first + t] * width;
            const to = (row * steps + t) * width;
            for (let j = 0; j < width; j++) output[to + j] = table[from + j];
          }
        }
      };
    },
    embed_backward: ({ indices, first, dy, dE }, memory) => {
      const [index, gradient, table] = [memory.view(indices), memory.view(dy), memory.view(dE)];
      const [steps, width] = dy.shape;
      return ({ rows }) => {
        for (let row = 0; row < rows; row++) {
          for (let t = 0; t < steps; t++) {
            const to = index[row * indices.rowSize + first + t] * width;
            const from = (row * steps + t) * width;
            for (let j = 0; j < width; j++) table[to + j] = round(table[to + j] + gradient[from + j]);
          }
        }
      };
    },
  };
}
