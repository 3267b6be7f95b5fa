import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { digestOf, textOf } from "../../src/processes/authors-file.ts";

const MOST = 100;

describe("a file that an author made", () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-authors-file-"));
    file = join(folder, "file");
    await writeFile(file, "text");
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("is read and hashed, up to a size", async () => {
    assert.equal(await textOf(file, 4), "text");
    assert.equal(await digestOf(file, 4), createHash("sha256").update("text").digest("hex"));
    assert.deepEqual([await textOf(file, 3), await digestOf(file, 3)], [undefined, undefined]);
    const empty = join(folder, "empty");
    await writeFile(empty, "");
    assert.equal(await textOf(empty, MOST), "");
  });

  it("is not read where it is a link, a folder, a device or nothing", async () => {
    const link = join(folder, "link");
    await symlink(file, link);
    for (const path of [link, folder, "/dev/zero", join(folder, "none")])
      assert.deepEqual([await textOf(path, MOST), await digestOf(path, MOST)], [undefined, undefined]);
  });

  it("is not waited for where it is a FIFO, itself or behind a link", async () => {
    const fifo = join(folder, "fifo");
    const link = join(folder, "link-to-fifo");
    execFileSync("mkfifo", [fifo]);
    await symlink(fifo, link);
    const read = Promise.all([textOf(fifo, MOST), textOf(link, MOST)]);
    const found = await Promise.race([read, sleep(10_000, "it waits", { ref: false })]);
    await (await open(fifo, constants.O_RDWR | constants.O_NONBLOCK)).close();
    assert.deepEqual(found, [undefined, undefined]);
  });
});
