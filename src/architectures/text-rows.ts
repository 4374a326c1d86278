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

/** Sentences word by word with their parts of speech: "can" and "fish" are nouns or verbs by what stands before them. */
export function taggedRows(): { tokens: string[]; tags: string[] }[] {
  const subjects = [
    ["the can", "DET NOUN"],
    ["a fish", "DET NOUN"],
    ["the old dog", "DET ADJ NOUN"],
    ["they", "PRON"],
    ["we", "PRON"],
  ];
  const verbs = [
    ["can fish", "AUX VERB"],
    ["fish", "VERB"],
    ["can see", "AUX VERB"],
    ["saw", "VERB"],
  ];
  const objects = [
    ["the fish", "DET NOUN"],
    ["a can", "DET NOUN"],
    ["an old saw", "DET ADJ NOUN"],
    ["", ""],
  ];
  return subjects.flatMap((subject) =>
    verbs.flatMap((verb) =>
      objects.map((object) => {
        const [tokens, tags] = [0, 1].map((at) => `${subject[at]} ${verb[at]} ${object[at]}`.trim().split(" "));
        return { tokens, tags };
      }),
    ),
  );
}
