// The raw table of a collection: one column of pictures, sounds or sequences, and columns of text beside it.
import type { MediaLabels } from "./media-labels.ts";
import { checkNames } from "./raw-table.ts";
import type { MediaColumn, RawTable, ReadRequest } from "./raw-table.ts";

/** Takes the bytes of one file after the other, in the order of the labels; then gives the table. */
export async function appendMedia(
  { connection, problems, table }: ReadRequest,
  name: string,
  labels: MediaLabels,
  column: MediaColumn,
): Promise<{ row: (bytes: Uint8Array) => void; finish: () => RawTable }> {
  const names = [name, ...labels.names];
  checkNames(names, null, problems);
  const texts = labels.names.map((_, index) => `c${index + 1} varchar`);
  await connection.run(`create table ${table} (${["c0 blob", ...texts].join(", ")})`);
  const appender = await connection.createAppender(table);
  let count = 0;
  return {
    row(bytes) {
      appender.appendBlob(bytes);
      for (const cell of labels.cells[count]) appender.appendVarchar(cell);
      appender.endRow();
      count += 1;
    },
    finish() {
      appender.closeSync();
      return {
        source: table,
        names,
        media: new Map([[0, column]]),
        stringColumns: new Set(),
        // The cells are a copy: twice the bytes need not be held.
        afterReading: async () => void (await connection.run(`drop table ${table}`)),
      };
    },
  };
}
