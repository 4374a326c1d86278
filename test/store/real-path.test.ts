// Links to one database file are one database: one lock, one work folder.
import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { DomainError } from "../../src/errors.ts";
import { takeOwnership } from "../../src/store/owner.ts";
import { workFolderOf } from "../../src/store/table-cache.ts";
import { temporaryStore } from "./construction.ts";

test("a database held by its file's name is held by every link to the file or to its folder", async () => {
  const { store, path } = await temporaryStore();
  symlinkSync(path, `${path}.link`);
  symlinkSync(dirname(path), join(dirname(path), "folder-link"));
  const links = [`${path}.link`, join(dirname(path), "folder-link", "test.db")];
  const ownership = await takeOwnership(path, store);
  for (const link of links) {
    await expect(takeOwnership(link, store)).rejects.toThrow(DomainError);
    expect(workFolderOf(link)).toBe(workFolderOf(path));
  }
  ownership.release();
  (await takeOwnership(links[0], store)).release();
});

test("the work folder of a file that does not exist yet is that of the file once it exists", async () => {
  const { path } = await temporaryStore();
  symlinkSync(dirname(path), join(dirname(path), "folder-link"));
  expect(workFolderOf(join(dirname(path), "folder-link", "new.db"))).toBe(`${join(dirname(path), "new.db")}.cache`);
});
