// How good written texts are: BLEU, error rates, the share without any mistake, and the worst ones.
import type { SequenceReport } from "../contract/evaluation.ts";
import { bleu } from "./bleu.ts";
import { errorRates } from "./error-rates.ts";
import { finite, worstRows } from "./worst-rows.ts";

export interface WrittenTexts {
  readonly written: readonly string[];
  /** As the rows have them: what BLEU compares with. */
  readonly expected: readonly string[];
  /** As they can be written: blanks, and with some tokens the case and the marks, are not. */
  readonly writable: readonly string[];
  /** Share of the tokens that are predicted right, each from those that should stand before it, where there are such. */
  readonly tokens: { readonly token_accuracy?: number };
  readonly losses: ArrayLike<number>;
  /** The row of the table that each came from, from 0. */
  readonly tableRows: ArrayLike<number>;
}

/** Of the job's result. */
export function textFigures({ written, expected, writable }: Omit<WrittenTexts, "tokens" | "losses" | "tableRows">) {
  const right = written.filter((text, row) => text === writable[row]).length;
  return {
    exact_match: right / written.length,
    bleu: bleu(
      written,
      expected.map((text) => [text]),
    ),
    ...errorRates(written, writable),
  };
}

export function evaluateTexts(texts: WrittenTexts): Omit<SequenceReport, "part" | "rows" | "loss"> {
  const { written, expected, tokens, losses, tableRows } = texts;
  return {
    task: "sequence",
    metrics: { ...tokens, ...textFigures(texts) },
    worst_rows: worstRows(losses).map((row) => ({
      row: tableRows[row] + 1,
      loss: finite(losses[row]),
      expected: expected[row],
      predicted: written[row],
    })),
  };
}
