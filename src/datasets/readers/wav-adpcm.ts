// Adaptive differential PCM in WAV, four bits a sample: each code is a difference in units of a step, and adapts the step. IMA/DVI
// (Interactive Multimedia Association, 1992) and Microsoft's (Multimedia Standards Update, 1994), in blocks that stand alone.

/** The samples of one block, -32768 to 32767, of each channel. `format` is the chunk "fmt ". */
export type BlockDecoder = (block: Buffer, channels: number, format: Buffer) => number[][];

/** By the tag of the format. */
export const blockDecoders: Record<number, BlockDecoder> = { 0x02: decodeMicrosoft, 0x11: decodeIma };

/** Blocks → 16-bit samples of the channels in turn. The last block may be shorter. */
export function unpackBlocks(data: Buffer, blockBytes: number, decode: (block: Buffer) => number[][]): Buffer {
  const unpacked: Buffer[] = [];
  for (let start = 0; start < data.length; start += blockBytes) {
    const channels = decode(data.subarray(start, start + blockBytes));
    const moments = Math.min(...channels.map(({ length }) => length));
    const samples = Int16Array.from({ length: moments * channels.length }, (_, at) => {
      return channels[at % channels.length][Math.floor(at / channels.length)];
    });
    unpacked.push(Buffer.from(samples.buffer));
  }
  return Buffer.concat(unpacked);
}

const clamp = (value: number) => Math.max(-32768, Math.min(32767, value));

// oxfmt-ignore
const imaSteps = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118, 130, 143,
  157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552,
  1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487,
  12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
];
/** By the three bits of a code's magnitude. */
const imaStepChanges = [-1, -1, -1, -1, 2, 4, 6, 8];
const imaHeaderBytes = 4;
/** Eight codes of one channel, then of the next. */
const imaGroupBytes = 4;

/** Header of each channel: first sample (int16), index of the step, a zero. Codes: the low half of a byte comes first. */
function decodeIma(block: Buffer, channels: number): number[][] {
  return Array.from({ length: channels }, (_, channel) => {
    const header = channel * imaHeaderBytes;
    if (block.length < channels * imaHeaderBytes) return [];
    let sample = block.readInt16LE(header);
    let index = Math.min(block[header + 2], imaSteps.length - 1);
    const samples = [sample];
    const groups = Math.floor((block.length - channels * imaHeaderBytes) / (channels * imaGroupBytes));
    for (let group = 0; group < groups; group++) {
      const start = channels * imaHeaderBytes + (group * channels + channel) * imaGroupBytes;
      for (let at = 0; at < 2 * imaGroupBytes; at++) {
        const code = (block[start + (at >> 1)] >> (4 * (at % 2))) & 15;
        const step = imaSteps[index];
        const difference = (step >> 3) + (code & 1 && step >> 2) + (code & 2 && step >> 1) + (code & 4 && step);
        sample = clamp(code & 8 ? sample - difference : sample + difference);
        index = Math.max(0, Math.min(imaSteps.length - 1, index + imaStepChanges[code & 7]));
        samples.push(sample);
      }
    }
    return samples;
  });
}

/** A sample is predicted from the two before it by one of these pairs, in 256ths; a file may bring its own. */
// oxfmt-ignore
const microsoftPairs = [[256, 0], [512, -256], [0, 0], [192, 64], [240, 0], [460, -208], [392, -232]];
/** What the step is multiplied with, in 256ths, by the code. */
const microsoftStepChanges = [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const smallestStep = 16;
const microsoftHeaderBytes = 7;

/** Header: pair (uint8), step, last sample and the one before it (int16), each of all channels. Codes of the channels in turn. */
function decodeMicrosoft(block: Buffer, channels: number, format: Buffer): number[][] {
  const headerBytes = channels * microsoftHeaderBytes;
  if (block.length < headerBytes) return Array.from({ length: channels }, () => []);
  const pairs = pairsOf(format);
  const states = Array.from({ length: channels }, (_, channel) => {
    const word = (position: number) => block.readInt16LE(channels + 2 * (position * channels + channel));
    return { pair: pairs[block[channel]] ?? pairs[0], step: word(0), samples: [word(2), word(1)] };
  });
  for (let at = 2 * headerBytes; at < 2 * block.length; at++) {
    const state = states[(at - 2 * headerBytes) % channels];
    const { pair, samples } = state;
    // The high half of a byte comes first.
    const code = at % 2 === 0 ? block[at >> 1] >> 4 : block[at >> 1] & 15;
    const predicted = Math.trunc((samples.at(-1)! * pair[0] + samples.at(-2)! * pair[1]) / 256);
    samples.push(clamp(predicted + (code < 8 ? code : code - 16) * state.step));
    state.step = Math.max(smallestStep, (microsoftStepChanges[code] * state.step) >> 8);
  }
  return states.map(({ samples }) => samples);
}

/** Behind the 20 bytes that say how large a block is: the number of pairs, and the pairs. */
function pairsOf(format: Buffer): readonly (readonly number[])[] {
  const count = format.length < 22 ? 0 : format.readUInt16LE(20);
  if (count === 0 || format.length < 22 + 4 * count) return microsoftPairs;
  return Array.from({ length: count }, (_, at) => [format.readInt16LE(22 + 4 * at), format.readInt16LE(24 + 4 * at)]);
}
