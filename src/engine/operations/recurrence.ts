// Recurrent layers over whole sequences. H units; the products of the inputs with their weights come before and go in as
// `gates`. `h` and `c` hold the state *before* each step, so that dU = hᵀ·dgates is one product over all steps.
// `dh` and `dc` are the gradients of the state: of the last one when the operation begins, of the first when it ends.
// With a `mask` (B,H), the same in all steps, U multiplies h ⊙ mask instead of the state h, which itself goes on whole.
import type { Tensor } from "../tensor.ts";

export type RecurrenceOperation =
  /** Formulas in layers/lstm.ts. Replaces x·W in `gates` by the gates i, f, g, o after their activations.
   * gates (B,T,4H)  U (H,4H)  b (4H)  h0, c0, hLast, cLast (B,H), null for zero  h (⊙ mask), c, tanhC, y (B,T,H) */
  | {
      readonly kind: "lstm";
      readonly mask: Tensor | null;
      readonly gates: Tensor;
      readonly U: Tensor;
      readonly b: Tensor;
      readonly h0: Tensor | null;
      readonly c0: Tensor | null;
      readonly h: Tensor;
      readonly c: Tensor;
      readonly tanhC: Tensor;
      /** The state after each step, where a layer above wants all of them. */
      readonly y: Tensor | null;
      readonly hLast: Tensor;
      readonly cLast: Tensor;
    }
  /** dgates (B,T,4H): of the gates before their activations; may be the memory of `gates`.  dh, dc (B,H) */
  | {
      readonly kind: "lstm_backward";
      readonly mask: Tensor | null;
      readonly gates: Tensor;
      readonly U: Tensor;
      readonly c: Tensor;
      readonly tanhC: Tensor;
      readonly dy: Tensor | null;
      readonly dh: Tensor;
      readonly dc: Tensor;
      readonly dgates: Tensor;
    }
  /** Formulas in layers/gru.ts. Replaces x·W in `gates` by r, z, n; `recurrent` becomes h·U + bU before each step.
   * gates, recurrent (B,T,3H)  U (H,3H)  b, bU (3H)  h0, hLast (B,H)  h, y (B,T,H)
   * masked (B,T,H): h ⊙ mask, where there is a mask */
  | {
      readonly kind: "gru";
      readonly mask: Tensor | null;
      readonly masked: Tensor | null;
      readonly gates: Tensor;
      readonly U: Tensor;
      readonly b: Tensor;
      readonly bU: Tensor;
      readonly h0: Tensor | null;
      readonly h: Tensor;
      readonly recurrent: Tensor;
      readonly y: Tensor | null;
      readonly hLast: Tensor;
    }
  /** dgates, drecurrent (B,T,3H): of x·W + b and of h·U + bU; may be the memory of `gates` and `recurrent`.  dh (B,H)
   * dmasked (B,H): the gradient of h ⊙ mask, where there is a mask */
  | {
      readonly kind: "gru_backward";
      readonly mask: Tensor | null;
      readonly dmasked: Tensor | null;
      readonly gates: Tensor;
      readonly recurrent: Tensor;
      readonly U: Tensor;
      readonly h: Tensor;
      readonly dy: Tensor | null;
      readonly dh: Tensor;
      readonly dgates: Tensor;
      readonly drecurrent: Tensor;
    }
  /** Formulas in layers/simple-rnn.ts. Replaces x·W in `gates` by h after each step.
   * gates (B,T,H)  U (H,H)  b (H)  h0, hLast (B,H)  h (⊙ mask) (B,T,H) */
  | {
      readonly kind: "simple_rnn";
      readonly mask: Tensor | null;
      readonly gates: Tensor;
      readonly U: Tensor;
      readonly b: Tensor;
      readonly h0: Tensor | null;
      readonly h: Tensor;
      readonly hLast: Tensor;
    }
  /** dgates (B,T,H); may be the memory of `gates` or of `dy`.  dh (B,H) */
  | {
      readonly kind: "simple_rnn_backward";
      readonly mask: Tensor | null;
      readonly gates: Tensor;
      readonly U: Tensor;
      readonly dy: Tensor | null;
      readonly dh: Tensor;
      readonly dgates: Tensor;
    };
