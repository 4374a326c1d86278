// The pronouncing dictionary as tables: a line "abandon AH0 B AE1 N D AH0 N" is a word and its phones with their stress.
// Further pronunciations, "abandon(2)", are left out, and what stands behind "#".
import { gunzipSync } from "node:zlib";

/** Every `step`-th entry, so that a run takes minutes. */
function entries(content: Uint8Array, step: number): { word: string; phones: string[] }[] {
  const lines = gunzipSync(content).toString("utf8").split("\n");
  const words = lines
    .map((line) => line.replace(/ #.*/, "").trim().split(" "))
    .filter(([word]) => /^[a-z']+$/.test(word));
  return words.filter((_, index) => index % step === 0).map(([word, ...phones]) => ({ word, phones }));
}

/** word,phones: "abandon","AH B AE N D AH N" without stress, as published error rates have it. */
export function spellings(content: Uint8Array): Uint8Array {
  const lines = entries(content, 3).map(({ word, phones }) => `${word}\t${phones.join(" ").replaceAll(/\d/g, "")}`);
  return Buffer.from(["word\tphones", ...lines].join("\n"));
}

/** phones,stress: "AH B AE N D AH N","0 - 1 - - 0 -", a label for each phone. */
export function stresses(content: Uint8Array): Uint8Array {
  const lines = entries(content, 6).map(({ phones }) => {
    const stress = phones.map((phone) => /\d/.exec(phone)?.[0] ?? "-");
    return `${phones.join(" ").replaceAll(/\d/g, "")}\t${stress.join(" ")}`;
  });
  return Buffer.from(["phones\tstress", ...lines].join("\n"));
}
