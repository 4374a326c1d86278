// Targets of networks that answer in each step, against what they answer: as many outputs as there are labels or tokens, and
// for texts of sounds steps enough. A token needs one, a repeated one a blank before it.
import { stepsNeeded } from "../engine/labels.ts";
import type { Plan } from "../engine/plan.ts";
import { DomainError } from "../errors.ts";
import type { PreparedData } from "./prepare-data.ts";

/** @throws DomainError `invalid_dataset` with what does not fit, at the first row whose text is too long */
export function checkSteps(data: PreparedData, { output }: Plan): void {
  const { target, head } = data;
  if (target.kind !== "tags" && head.loss !== "ctc") return;
  const [steps, outputs] = output.shape;
  if (outputs !== head.units) {
    const what =
      target.kind === "tags"
        ? `"${target.name}" has ${head.units} labels`
        : `the texts have ${head.units} tokens, among them padding, which is the blank, unknown, start and end`;
    throw new DomainError("invalid_dataset", `The network has ${outputs} outputs in each step, but ${what}.`, {
      hint: `Set the units of the last layer to ${head.units}.`,
    });
  }
  if (head.loss === "ctc") checkTranscripts(data, steps);
}

function checkTranscripts({ train, validation, test }: PreparedData, steps: number): void {
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
