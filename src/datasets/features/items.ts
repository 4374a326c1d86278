// Cells that hold a list: a JSON array, as lists of strings in JSON and Parquet are stored, or parts between separators.

/** The items of a cell as they stand, blanks around them cut: "the cat" and ["the","cat"] are two. */
export function itemsIn(cell: string, separator: string | RegExp = /\s+/u): string[] {
  const listed = cell.startsWith("[") ? jsonList(cell) : undefined;
  return (listed ?? cell.split(separator)).map((item) => item.trim()).filter((item) => item !== "");
}

function jsonList(cell: string): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(cell);
    const isList =
      Array.isArray(parsed) && parsed.every((item) => typeof item === "string" || typeof item === "number");
    return isList ? parsed.map(String) : undefined;
  } catch {
    return undefined; // an item that begins with a bracket
  }
}
