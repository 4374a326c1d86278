// The end of a network: matches its last activation with the loss, and plans prediction, loss value and loss gradient.
// A loss that fuses an activation (cross_entropy with softmax) works on the logits; prediction goes through the
// activation, which is appended when the layers do not end in it.
import { EngineError, shapeText } from "./engine-error.ts";
import type { ActivationName } from "./layers/activation.ts";
import { activationOf } from "./layers/catalogue.ts";
import type { ExpandedLayer } from "./layers/catalogue.ts";
import { LOSSES } from "./losses/catalogue.ts";
import type { LossName } from "./losses/catalogue.ts";
import type { LossDefinition, LossTensors, MixedClasses } from "./losses/loss.ts";
import type { Operation } from "./operations.ts";
import { requireEntry, requireInteger } from "./requirements.ts";
import { fixedTensor, rowTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

export interface Objective extends LossTensors {
  /** The weight of each row's loss in training; null where all count alike. (B) */
  readonly weights: Tensor | null;
  /** What rows are mixed with; null without mixup of classes. */
  readonly mixed: MixedClasses | null;
  readonly name: LossName;
  readonly definition: LossDefinition;
}

export interface OutputMatch {
  /** The layers to plan: without the last one where the loss fuses it. */
  readonly body: readonly ExpandedLayer[];
  /** What turns the last layer's input into a prediction, whether fused, appended or an ordinary layer. */
  readonly activation: ActivationName;
  /** Operation after the body that makes the prediction, or null when the body's output is the prediction. */
  readonly fused: "softmax" | "sigmoid" | null;
}

/** Decides how the layers end. Throws `invalid_combination` where activation and loss do not belong together. */
export function matchOutput(layers: readonly ExpandedLayer[], lossName: LossName | undefined): OutputMatch {
  const last = activationOf(layers.at(-1)?.spec);
  if (lossName === undefined) return { body: layers, activation: last, fused: null };
  const loss: LossDefinition = requireEntry("loss", LOSSES, lossName);
  if (loss.fuses === null) {
    if (loss.requires !== undefined && loss.requires !== last) throw mismatch(lossName, loss.requires, last);
    return { body: layers, activation: last, fused: null };
  }
  if (last === loss.fuses) return { body: layers.slice(0, -1), activation: loss.fuses, fused: loss.fuses };
  if (last === "identity") return { body: layers, activation: loss.fuses, fused: loss.fuses };
  throw mismatch(lossName, `${loss.fuses} or no`, last);
}

/** The operation that makes predictions of logits. z, p (B,n) */
export function predictionOf(fused: "softmax" | "sigmoid", z: Tensor, p: Tensor): Operation {
  return fused === "softmax" ? { kind: "softmax", x: z, y: p } : { kind: "activate", function: "sigmoid", x: z, y: p };
}

export interface ObjectiveOptions {
  /** Whether each row has a weight of its own. */
  readonly rowWeights?: boolean | undefined;
  /** Whether each row of a training is mixed with another. */
  readonly mixup?: boolean | undefined;
  /** Labels that a row has at most, of a loss whose targets are labels. */
  readonly labels?: number | undefined;
}

/** The tensors of the loss for a network that ends in z and predicts p, both (B,n), or (B,T,n) for a class in each step. */
export function planObjective(
  name: LossName,
  z: Tensor,
  p: Tensor,
  { rowWeights = false, mixup = false, labels }: ObjectiveOptions = {},
): Objective {
  const definition: LossDefinition = LOSSES[name];
  const mixable = definition.targets === "values" || (definition.mix !== undefined && z.shape.length === 1);
  if (mixup && !mixable) {
    throw new EngineError("invalid_combination", {
      op: "mixup",
      expected: "one class for each row, or values",
      got: `${name} of ${shapeText(z.shape)}`,
    });
  }
  if (definition.targets === "labels") return planTranscription(name, z, p, { rowWeights, labels });
  const steps = definition.targets === "index" ? z.shape.slice(0, -1) : [];
  if (z.shape.length - steps.length !== 1 || steps.length > 1) {
    throw new EngineError("shape_mismatch", {
      op: name,
      expected: "a vector [n] for each row as the network's output",
      got: shapeText(z.shape),
      hint: 'Put {"type":"flatten"} and a dense layer at the end.',
    });
  }
  const outputs = z.shape[z.shape.length - 1];
  if (definition.fuses === "softmax" && outputs < 2) {
    throw new EngineError("shape_mismatch", {
      op: name,
      expected: "one output for each class, at least 2",
      got: String(outputs),
      hint: "For one yes/no output use binary_cross_entropy.",
    });
  }
  const perRow = rowTensors(z.capacity);
  const isSequence = steps.length > 0;
  const t = perRow("targets", isSequence ? steps : definition.targets === "index" ? [1] : z.shape);
  const correct = isSequence ? perRow("correct", [1]) : null;
  const weights = rowWeights ? perRow("row weights", [1]) : null;
  const mixes = mixup && definition.targets === "index";
  const mixed = mixes ? { partners: perRow("partners", [1]), shares: perRow("shares", [1]) } : null;
  return { name, definition, z, p, t, loss: perRow("loss", [1]), correct, weights, mixed, alpha: null };
}

/** A class or the blank in each step, (B,T,n), and labels without their steps. */
function planTranscription(
  name: LossName,
  z: Tensor,
  p: Tensor,
  { rowWeights = false, labels = 0 }: ObjectiveOptions,
): Objective {
  requireInteger(name, "the most labels of a row", labels, 1);
  const [steps, classes] = z.shape;
  if (z.shape.length !== 2 || classes < 2) {
    throw new EngineError("shape_mismatch", {
      op: name,
      expected: "steps of at least 2 outputs, the blank and a label, [steps,n], as the network's output",
      got: shapeText(z.shape),
      hint: "End in a dense layer behind layers that keep the steps.",
    });
  }
  const perRow = rowTensors(z.capacity);
  return {
    name,
    definition: LOSSES[name],
    z,
    p,
    t: perRow("targets", [1 + labels]),
    loss: perRow("loss", [1]),
    correct: perRow("correct", [1]),
    weights: rowWeights ? perRow("row weights", [1]) : null,
    mixed: null,
    alpha: fixedTensor("alpha", [steps, 2 * labels + 1]),
  };
}

function rowTensors(capacity: number): (label: string, shape: readonly number[]) => Tensor {
  return (label, shape) => rowTensor(label, shape, capacity);
}

function mismatch(loss: LossName, expected: string, got: ActivationName): EngineError {
  return new EngineError("invalid_combination", {
    op: `loss ${loss}`,
    expected: `${expected} activation on the last layer`,
    got,
    hint: "Change the last layer's activation, or choose a loss that fits it.",
  });
}
