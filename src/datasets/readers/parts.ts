// Given parts: which files are for training, validation and test, by the field they were sent in, their folder or their name.

export const partNames = ["train", "validation", "test"] as const;
export type Part = (typeof partNames)[number];

/** The column that tells the parts apart. */
export const partColumn = "split";

/** Words in names of files and folders that mean a part, as whole words between dots, dashes and underscores. */
const words: readonly (readonly [RegExp, Part])[] = [
  [/(^|[^a-z])(train|training)([^a-z]|$)/i, "train"],
  [/(^|[^a-z])(val|valid|validation|dev)([^a-z]|$)/i, "validation"],
  [/(^|[^a-z])(test|testing|t10k)([^a-z]|$)/i, "test"],
];

/** The part that a multipart field or a whole folder name stands for. */
export function partNamed(name: string): Part | null {
  return words.find(([pattern]) => pattern.exec(name)?.[0].length === name.length)?.[1] ?? null;
}

/** The part that a file name speaks of: "adult-train.csv", "t10k-images-idx3-ubyte"; null when it names none or several. */
export function partIn(filename: string): Part | null {
  const found = words.filter(([pattern]) => pattern.test(filename));
  return found.length === 1 ? found[0][1] : null;
}

/** What was sent in a field named like a part belongs to it, whatever the file is called. */
export function partOfUpload(file: { field?: string; filename: string }): Part | null {
  return (file.field === undefined ? null : partNamed(file.field)) ?? partIn(file.filename);
}
