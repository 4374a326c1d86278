// Spoken digits joined to sequences: three to five recordings of one speaker, a short silence between them. What is said
// stands in a table, "train/17.wav,3 1 4,jackson"; the official split, recordings 0 to 4 for the test, is in the folders.
import { unzipSync } from "fflate";
import { createGenerator, uniform } from "../../src/engine/random.ts";
import { decodeWav } from "../../src/datasets/readers/wav.ts";
import { wav, zip } from "../datasets/pictures.ts";

const SEED = 42;
const SEQUENCES = { train: 1500, test: 200 };
/** Samples between two digits, at 8 kHz. */
const LONGEST_SILENCE = 1600;

interface Recording {
  readonly digit: string;
  readonly speaker: string;
  readonly samples: Int16Array;
}

/** @param archive recordings as {digit}_{speaker}_{index}.wav */
export function digitSequences(archive: Uint8Array): Uint8Array {
  const recordings: Record<"train" | "test", Recording[]> = { train: [], test: [] };
  for (const [name, bytes] of Object.entries(unzipSync(archive))) {
    const [, digit, speaker, index] = /(\d)_(\w+)_(\d+)\.wav$/.exec(name) ?? [];
    if (digit === undefined) continue;
    recordings[Number(index) < 5 ? "test" : "train"].push({
      digit,
      speaker,
      samples: decodeWav(Buffer.from(bytes)).samples,
    });
  }
  const generator = createGenerator(SEED, "augmentation");
  const upTo = (most: number) => Math.floor(uniform(generator) * (most + 1));
  const oneOf = <Item>(items: readonly Item[]) => items[upTo(items.length - 1)];
  const files: Record<string, Uint8Array> = {};
  const lines = ["file,digits,speaker"];
  for (const part of ["train", "test"] as const) {
    const bySpeaker = Object.values(Object.groupBy(recordings[part], ({ speaker }) => speaker)) as Recording[][];
    for (let number = 0; number < SEQUENCES[part]; number++) {
      const own = bySpeaker[number % bySpeaker.length];
      const said = Array.from({ length: 3 + upTo(2) }, () => oneOf(own));
      const sound = said.flatMap(({ samples }) => [samples, new Int16Array(upTo(LONGEST_SILENCE))]);
      const digits = said.map(({ digit }) => digit).join(" ");
      const name = `${part}/${number}.wav`;
      lines.push(`${name},${digits},${own[0].speaker}`);
      files[name] = wav(Buffer.concat(sound.map(bytesOf)));
    }
  }
  return zip({ ...files, "texts.csv": Buffer.from(lines.join("\n")) });
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
