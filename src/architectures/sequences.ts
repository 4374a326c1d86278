// What architectures for texts and sequences share: how texts become tokens, what a row must be, and the embedding.
import type { LayerSpec } from "../engine/layers/catalogue.ts";
import type { Fault } from "../errors.ts";
import type { ArchitectureDefaults, Task } from "./architecture.ts";

/** Texts as words, single words as characters; gradients of long sequences may explode, so they are cut (Pascanu et al., 2013). */
export const sequenceDefaults = {
  features: {
    text: { encoding: "word_ids", max_length: 64 },
    // How a word begins and ends says much of it, and a filter sees no edge that is not a token.
    word: { encoding: "character_ids", max_length: 24, boundaries: true },
  },
  hyperparameters: {
    batch_size: 32,
    optimizer: { type: "adam", learning_rate: 0.002 },
    schedule: { type: "cosine" },
    gradient_clip: { norm: 1 },
  },
} satisfies ArchitectureDefaults;

/** Tokens there are, null for sequences of numbers. */
type Vocabulary = number | "auto" | null;

interface WithVocabulary {
  vocabulary: Vocabulary;
}

/** The parameters with the vocabulary that the data has. */
export function withVocabulary<Parameters extends WithVocabulary>(parameters: Parameters, task: Task): Parameters {
  return parameters.vocabulary === "auto" ? { ...parameters, vocabulary: task.tokens ?? null } : parameters;
}

/** Tokens become vectors, numbers stay as they are. */
export function embedded({ vocabulary, embedding }: WithVocabulary & { embedding: number }): LayerSpec[] {
  if (vocabulary === "auto") throw new Error("the vocabulary is resolved when a job is submitted");
  return vocabulary === null ? [] : [{ type: "embedding", vocabulary, units: embedding }];
}

/** Faults unless each row is a sequence: of tokens, or of numbers as [steps,numbers] where `numbers` allows it. */
export function sequenceFaults(
  architecture: string,
  { vocabulary }: WithVocabulary,
  { inputShape, tokens }: Task,
  numbers: boolean,
): Fault[] {
  if (tokens !== undefined) return vocabularyFaults(vocabulary, tokens, "/architecture/vocabulary");
  if (numbers && inputShape.length === 2) {
    if (vocabulary === null || vocabulary === "auto") return [];
    return [
      {
        pointer: "/architecture/vocabulary",
        code: "no_tokens",
        detail: `A vocabulary of ${vocabulary} was given, but the steps of this data are numbers.`,
        hint: "Leave vocabulary out.",
      },
    ];
  }
  return [
    {
      pointer: "/architecture/type",
      code: numbers ? "needs_sequences" : "needs_tokens",
      detail: `${architecture} reads ${numbers ? "sequences, [steps,numbers] or tokens" : "texts as tokens"}, but a row of this data is [${inputShape.join(",")}].`,
      hint: numbers
        ? 'Name one text, sound or sequence in features, or ask for a "window" over the rows of a table; {"type":"mlp"} reads a table.'
        : 'Name one text column in features, such as {"name":"text","type":"text"}; {"type":"mlp"} reads a table.',
    },
  ];
}

/** An embedding must have a row for every token. */
export function vocabularyFaults(vocabulary: Vocabulary, tokens: number, pointer: string): Fault[] {
  if (vocabulary === "auto" || (vocabulary !== null && vocabulary >= tokens)) return [];
  return [
    {
      pointer,
      code: "vocabulary_too_small",
      detail: `The text may have ${tokens} different tokens, but the embedding has ${vocabulary ?? 0}.`,
      hint: `Set vocabulary to ${tokens}, or the feature's vocabulary_size to ${vocabulary ?? tokens}.`,
    },
  ];
}
