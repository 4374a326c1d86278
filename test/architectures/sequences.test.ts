// Networks for texts and sequences of numbers: what they are made of, and how their data is read by default.
import { describe, expect, test } from "vitest";
import { faultsOf, layersOf, resolvedBy } from "./resolving.ts";

const prose = {
  examples: ["the film is as good as the book it was made from", "not a word of it is true, and who cares"],
};
const word = { examples: ["Nakamura", "O'Neill", "Kowalska"] };
const amounts = { type: "sequence" as const, shape: [12, 3] };

test("a text is read as words, single words as characters between a start and an end; the embedding has a row for each token", () => {
  const { architecture, dataset } = resolvedBy({ type: "text_cnn" }, { text: prose });
  expect(dataset.features).toEqual([
    { name: "text", type: "text", encoding: "word_ids", max_length: 64, vocabulary_size: 5000 },
  ]);
  expect(architecture).toMatchObject({ vocabulary: 5000 });
  const names = resolvedBy({ type: "gru" }, { name: word });
  expect(names.dataset.features).toEqual([
    {
      name: "name",
      type: "text",
      encoding: "character_ids",
      max_length: 24,
      boundaries: true,
      vocabulary_size: 5000,
    },
  ]);
});

test("an encoding that is asked for has its own defaults", () => {
  const { dataset } = resolvedBy({ type: "gru" }, { name: word }, {}, [{ name: "name", encoding: "word_ids" }]);
  expect(dataset.features).toMatchObject([{ encoding: "word_ids", max_length: 64 }]);
});

test("of several columns the longest text is read, alone", () => {
  const { dataset } = resolvedBy({ type: "lstm" }, { id: {}, title: word, review: prose });
  expect(dataset.features).toMatchObject([{ name: "review" }]);
});

test("the numbers of a resolved job are those of the same request", () => {
  const { architecture } = resolvedBy({ type: "lstm" }, { amounts });
  expect(architecture).toMatchObject({ type: "lstm", vocabulary: null });
  expect(resolvedBy(architecture, { amounts }).architecture).toEqual(architecture);
});

test("Kim's network has a branch for each window, all filters joined", () => {
  const layers = layersOf({ type: "text_cnn", windows: [2, 3], filters: 7, embedding: 5 }, { text: prose });
  expect(layers.map(({ type, output_shape }) => [type, output_shape])).toEqual([
    ["embedding", [64, 5]],
    ["parallel", [14]],
    ["dropout", [14]],
    ["dense", [10]],
  ]);
  // Windows of 2 and of 3 vectors of 5 numbers.
  expect(layers[1].parameters).toBe((2 * 5 + 1) * 7 + (3 * 5 + 1) * 7);
});

test.each([
  { asked: { bidirectional: false, units: 6 }, shapes: [[6], [6], [10]] },
  { asked: { units: 6, dropout: 0 }, shapes: [[12], [10]] },
  { asked: { units: 6, layers: 2, dropout: 0 }, shapes: [[12, 12], [12], [10]] },
  { asked: { units: 6, pooling: "max", dropout: 0 }, shapes: [[12, 12], [12], [10]] },
  { asked: { units: 6, pooling: "attention", dropout: 0 }, shapes: [[12, 12], [12], [10]] },
])("recurrent layers of $asked have outputs of $shapes", ({ asked, shapes }) => {
  for (const type of ["rnn", "lstm", "gru"]) {
    const layers = layersOf({ type, ...asked }, { amounts });
    expect(layers.map(({ output_shape }) => output_shape)).toEqual(shapes);
  }
});

test("recurrent dropout drops nothing from what a network has", () => {
  const [plain, dropped] = [{}, { recurrent_dropout: 0.2 }].map((asked) =>
    layersOf({ type: "gru", ...asked }, { amounts }),
  );
  expect(dropped).toEqual(plain);
});

test("a transformer encoder has two residual parts in each layer, whether steps are tokens or numbers", () => {
  for (const columns of [{ text: prose }, { amounts }]) {
    const layers = layersOf({ type: "transformer_encoder", layers: 3, units: 8 }, columns);
    expect(layers.filter(({ type }) => type === "residual")).toHaveLength(6);
    expect(layers.at(-2)!.output_shape).toEqual([8]);
  }
});

describe("initial parameters of an encoder and decoder", () => {
  const names = ["source_embedding", "target_embedding"];
  const attempt = (columns: number, rows = 9) => {
    const table = Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0.5));
    const initial_parameters = [Object.fromEntries(names.map((name) => [name, table])), {}];
    const architecture = { type: "seq2seq", units: 4, attention: "none", initial_parameters };
    return faultsOf(architecture, { text: prose });
  };

  test("are refused when the job is submitted: of a vocabulary nothing but its size is open", () => {
    expect(attempt(3)).toMatchObject([
      {
        pointer: "/architecture/initial_parameters",
        detail: expect.stringContaining("source_embedding: expected [any,4], got [9,3]."),
      },
    ]);
    expect(attempt(4)[0].detail).not.toContain("_embedding");
  });
});

describe("a job that cannot be", () => {
  test("says that a table is no sequence", () => {
    expect(faultsOf({ type: "gru" }, { age: {}, height: {} })).toEqual([
      expect.objectContaining({
        pointer: "/architecture/type",
        code: "needs_sequences",
        detail: "gru reads sequences, [steps,numbers] or tokens, but a row of this data is [2].",
      }),
    ]);
  });

  test("says how large the vocabulary must be", () => {
    expect(faultsOf({ type: "text_cnn", vocabulary: 100 }, { text: prose })).toEqual([
      expect.objectContaining({ pointer: "/architecture/vocabulary", code: "vocabulary_too_small" }),
    ]);
  });

  test("says that tokens are not mixed", () => {
    expect(() => resolvedBy({ type: "gru" }, { text: prose }, { mixup: {} })).toThrow(
      "mixup mixes numbers, but a row of this data is tokens, whose numbers are names.",
    );
  });

  test("says that numbers have no vocabulary", () => {
    expect(faultsOf({ type: "lstm", vocabulary: 100 }, { amounts })).toEqual([
      expect.objectContaining({ pointer: "/architecture/vocabulary", code: "no_tokens" }),
    ]);
  });
});
