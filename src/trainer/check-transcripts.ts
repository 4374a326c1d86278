// Texts of sounds, against the steps that a network makes of a sound: a token needs one, a repeated one a blank before it.
import { stepsNeeded } from "../engine/labels.ts";
import { DomainError } from "../errors.ts";
import type { PreparedData } from "./prepare-data.ts";

/** @param steps of the network's output
 * @throws DomainError `invalid_dataset` at the first row whose text is too long */
export function checkTranscripts({ train, validation, test }: PreparedData, steps: number): void {
  for (const part of [train, validation, test]) {
    if (part === null) continue;
    const width = part.targets.length / part.rows;
    for (let row = 0; row < part.rows; row++) {
      const labels = part.targets.subarray(row * width + 1, (row + 1) * width).filter((label) => label >= 0);
      const needed = stepsNeeded(labels);
      if (needed <= steps) continue;
      throw new DomainError(
        "invalid_dataset",
        `The text of row ${part.tableRows[row] + 1} has ${labels.length} tokens, which need ${needed} steps: the network makes ${steps} of a sound.`,
        { hint: "Use fewer convolutions or a shorter hop_ms, or words instead of characters as tokens." },
      );
    }
  }
}
