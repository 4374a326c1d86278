// Rows of the catalogue's examples for texts: small enough to be read, made from lists of words.

const greetings = ["good morning", "good evening", "hello there", "welcome back", "nice to see you"];
const farewells = ["good night", "see you later", "take care", "until next time", "so long"];
const names = ["Ada", "Grace", "Alan", "Claude", "Rosalind", "Emmy", "Kurt", "Sofia"];

/** A job that tells greetings from farewells. */
export function textsExample(architecture: Record<string, unknown>): Record<string, unknown> {
  const rows = [greetings, farewells].flatMap((phrases, which) =>
    phrases.flatMap((phrase) =>
      names.map((name) => ({ text: `${phrase} my dear ${name}`, kind: which === 0 ? "greeting" : "farewell" })),
    ),
  );
  return {
    name: `phrases-${String(architecture["type"])}`,
    architecture,
    dataset: { rows, target: "kind", features: [{ name: "text", type: "text" }] },
    hyperparameters: { epochs: 8 },
  };
}

/** A job that tells words by their ending, letter by letter. */
export function wordsExample(architecture: Record<string, unknown>): Record<string, unknown> {
  const stems = ["bak", "teach", "farm", "paint", "sing", "hunt", "mak", "lead", "read", "wait", "build", "sail"];
  const rows = stems.flatMap((stem) => [
    { word: `${stem}er`, kind: "person" },
    { word: `${stem}ing`, kind: "action" },
  ]);
  return {
    name: `words-${String(architecture["type"])}`,
    architecture,
    dataset: { rows: [...rows, ...rows], target: "kind", features: [{ name: "word", type: "text" }] },
    hyperparameters: { epochs: 20 },
  };
}
