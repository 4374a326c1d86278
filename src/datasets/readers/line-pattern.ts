// Lines of a text that look as if they held two or more columns: the pattern (see name-pattern.ts) that would cut them.

const fewestLines = 10;
/** Share of the lines in which something must hold. */
const nearlyAll = 0.95;
/** Words behind the first are symbols of an alphabet when each occurs so often on average. */
const timesPerSymbol = 10;

/** "IN: {source} OUT: {target}" or the like; nothing when the lines are plain texts. */
export function patternOfLines(lines: readonly string[]): string | undefined {
  const texts = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (texts.length < fewestLines) return undefined;
  const words = texts.map((line) => line.split(/\s+/));
  return betweenMarks(words) ?? afterFirstWord(words);
}

/** The same words with a colon stand in every line, the first in front: what lies behind each is a column. */
function betweenMarks(words: readonly (readonly string[])[]): string | undefined {
  const marksOf = (line: readonly string[]) => line.filter((word) => /^\w+:$/.test(word));
  const marks = marksOf(words[0]);
  const everywhere = words.every((line) => line[0] === marks[0] && marksOf(line).join(" ") === marks.join(" "));
  if (marks.length < 2 || new Set(marks).size < marks.length || !everywhere) return undefined;
  const names = marks.length === 2 ? ["source", "target"] : marks.map((mark) => mark.slice(0, -1).toLowerCase());
  return marks.map((mark, at) => `${mark} {${names[at]}}`).join(" ");
}

/** A dictionary: a word of its own in each line, and behind it symbols of a small alphabet. */
function afterFirstWord(words: readonly (readonly string[])[]): string | undefined {
  const rest = words.flatMap((line) => line.slice(1));
  const several = words.filter((line) => line.length > 1).length;
  const firsts = new Set(words.map(([first]) => first)).size;
  const isDictionary =
    several >= nearlyAll * words.length &&
    firsts >= nearlyAll * words.length &&
    timesPerSymbol * new Set(rest).size <= rest.length;
  return isDictionary ? "{source} {target}" : undefined;
}
