import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { writeImage } from "../src/images/archive.ts";

let folder = "";
let archive = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-image-"));
  archive = join(folder, "image.tar");
  await writeFile(join(folder, "program"), "#!/bin/sh\n");
  await chmod(join(folder, "program"), 0o755);
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "data", "file"), "content");
  await symlink("file", join(folder, "data", "link"));
  await write(archive);
});
after(() => rm(folder, { recursive: true }));

const write = (to: string) =>
  writeImage(to, {
    reference: "perch.local/program:1",
    files: new Map([
      ["/program", join(folder, "program")],
      ["/var/data", join(folder, "data")],
    ]),
    texts: new Map([["/etc/settings", "a=b\n"]]),
    entrypoint: ["/program"],
  });

const extract = async (from: string, name: string) => {
  const options = { encoding: "buffer", stripFinalNewline: false } as const;
  return Buffer.from((await execa("tar", ["-xOf", from, name], options)).stdout);
};

describe("writeImage", () => {
  it("names the image, its configuration and its layer in the manifest", async () => {
    const [manifest] = JSON.parse((await extract(archive, "./manifest.json")).toString());
    assert.deepEqual(manifest.RepoTags, ["perch.local/program:1"]);
    const config = await extract(archive, `./${manifest.Config}`);
    assert.equal(`${createHash("sha256").update(config).digest("hex")}.json`, manifest.Config);
    const layer = await extract(archive, "./layer.tar");
    assert.deepEqual(JSON.parse(config.toString()).rootfs.diff_ids, [
      `sha256:${createHash("sha256").update(layer).digest("hex")}`,
    ]);
  });

  it("holds the files with their rights and links, texts, users, and a folder for all to write to", async () => {
    await writeFile(join(folder, "layer.tar"), await extract(archive, "./layer.tar"));
    const { stdout } = await execa("tar", ["-tvf", join(folder, "layer.tar")]);
    assert.match(stdout, /-rwxr-xr-x 0\/0 .* \.\/program$/m);
    assert.match(stdout, /\.\/var\/data\/file$/m);
    assert.match(stdout, /\.\/var\/data\/link -> file$/m);
    assert.match(stdout, /\.\/etc\/settings$/m);
    assert.match(stdout, /\.\/etc\/passwd$/m);
    assert.match(stdout, /drwxrwxrwt 0\/0 .* \.\/tmp\/$/m);
  });

  it("is the same, byte for byte, when it is made again", async () => {
    await write(join(folder, "again.tar"));
    assert.deepEqual(await readFile(join(folder, "again.tar")), await readFile(archive));
  });
});
