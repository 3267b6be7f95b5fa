import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { inRepository, perch } from "../commands/support.ts";

const PERCH = join(import.meta.dirname, "..", "..", "bin", "perch.js");
const CONFIG = {
  "perch.yaml": `apiVersion: perch.dev/v1
project: shop
services:
  web: { repo: acme/shop, protocol: http, local: { start: node x.js, stopTimeout: 20s } }
`,
};

const settingOf = (unit: string, key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];

describe("perch up --systemd", () => {
  it("prints a unit that does what the command line would, with absolute paths, and runs nothing", async () => {
    await inRepository(async (folder) => {
      const { code, stdout, stderr } = await perch(
        folder,
        "up",
        "--systemd",
        "--webhook-port",
        "8091",
        "--drain",
        "5",
      );
      assert.equal(code, 0, stderr);
      assert.equal(
        settingOf(stdout, "ExecStart"),
        `${process.execPath} ${PERCH} up --webhook-port 8091 --drain 5`,
      );
      assert.equal(settingOf(stdout, "WorkingDirectory"), folder);
      assert.equal(settingOf(stdout, "TimeoutStopSec"), "55s");
      await assert.rejects(access(join(folder, ".perch")));
    }, CONFIG);
  });

  it("says as flags what this shell's variables say, and never a secret", async () => {
    await inRepository(async (folder) => {
      const env = {
        ...process.env,
        PERCH_EDGE_PORT: "80",
        GITHUB_TOKEN: "ghp_hush",
        PERCH_WEBHOOK_SECRET: "hush",
      };
      const { stdout } = await promisify(execFile)(process.execPath, [PERCH, "up", "--systemd=user"], {
        cwd: folder,
        env,
      });
      assert.match(settingOf(stdout, "ExecStart") ?? "", / up --edge-port 80$/);
      assert.match(stdout, /^WantedBy=default\.target$/m);
      assert.doesNotMatch(stdout, /hush/);
    }, CONFIG);
  });

  it("does not go with --detach, and is refused for a perch.yaml that is not valid", async () => {
    await inRepository(
      async (folder) => {
        assert.equal((await perch(folder, "up", "--systemd", "--detach")).code, 2);
        assert.match((await perch(folder, "up", "--systemd")).stderr, /CONFIG_INVALID/);
      },
      { "perch.yaml": "services: 7\n" },
    );
  });

  for (const scope of ["system", "user"]) {
    it(`prints what systemd itself finds nothing wrong with, for ${scope}`, async () => {
      await inRepository(async (folder) => {
        const odd = join(folder, "100% of the shop's");
        await mkdir(odd);
        await writeFile(join(odd, "perch.yaml"), CONFIG["perch.yaml"]);
        const { code, stdout } = await perch(odd, "up", "--systemd", scope, "--remote", "../a b");
        assert.equal(code, 0);
        assert.match(settingOf(stdout, "ExecStart") ?? "", / up --remote "\.\.\/a b"$/);
        assert.equal(settingOf(stdout, "WorkingDirectory"), odd.replace("%", "%%"));
        const file = join(folder, "perch-shop.service");
        await writeFile(file, stdout);
        const args = [...(scope === "user" ? ["--user"] : []), "verify", file];
        const { error, status, stderr } = spawnSync("systemd-analyze", args, {
          encoding: "utf8",
          env: { ...process.env, XDG_RUNTIME_DIR: folder },
        });
        // Where there is no systemd, what is asserted above and in core has to do.
        // One before 254 does not know this key, and goes on without it.
        const said = stderr?.replace(
          /^.*: Unknown key 'DelegateSubgroup' in section \[Service\], ignoring\.\n/m,
          "",
        );
        if (error === undefined) assert.deepEqual([status, said], [0, ""]);
      }, CONFIG);
    });
  }
});
