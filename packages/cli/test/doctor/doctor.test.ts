import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import type { Check } from "@perch/core";
import { certificateFiles, certificateFor } from "../../../engine/test/support/certificate.ts";
import { startTestGithub } from "../../../engine/test/support/github.ts";
import { inRepository, perch, perchWith } from "../commands/support.ts";

const PERCH = join(import.meta.dirname, "..", "..", "bin", "perch.js");
const ANY_PORTS = ["--edge-port", "0", "--status-port", "0"];

const config = (start: string, more = "") => ({
  "perch.yaml": `apiVersion: perch.dev/v1
project: shop
services:
  web: { repo: acme/shop, path: web, protocol: http, edge: /, local: { start: "${start}" } }
${more}`,
  "web/main.js": "",
});

async function checksOf(
  folder: string,
  ...args: string[]
): Promise<{ code: number; checks: Check[]; stdout: string }> {
  const { code, stdout, stderr } = await perch(folder, "doctor", "--json", "--source", "git", ...args);
  assert.equal(stderr, "");
  return { code, checks: (JSON.parse(stdout) as { checks: Check[] }).checks, stdout };
}

const missing = (checks: readonly Check[]) =>
  checks.filter(({ outcome }) => outcome === "missing").map(({ name }) => name);

/** A git repository of its own as the remote. */
async function withRemote(folder: string): Promise<void> {
  const git = (...args: string[]) => promisify(execFile)("git", ["-C", folder, ...args]);
  await git("init", "--quiet");
  await git("remote", "add", "origin", folder);
}

describe("perch doctor", () => {
  it("finds nothing missing where all is there, in a line for each check", async () => {
    await inRepository(async (folder) => {
      await withRemote(folder);
      const { code, stdout } = await perch(folder, "doctor", "--source", "git", ...ANY_PORTS);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^✓ node: 2\d\.\d/m);
      assert.match(stdout, /^✓ web: in web; start by node$/m);
      assert.match(stdout, /^✓ remote of acme\/shop: .* answers$/m);
      assert.match(stdout, /^✓ state folder: .*\.perch can be written$/m);
      assert.match(stdout, /\nNothing is missing\.\n$/);
    }, config("node main.js"));
  });

  it("names a program, a folder and a remote that are not there, and ends with 1", async () => {
    await inRepository(
      async (folder) => {
        const { code, checks } = await checksOf(folder, ...ANY_PORTS);
        assert.equal(code, 1);
        assert.deepEqual(missing(checks), ["web", "api", "remote of acme/shop"]);
        assert.match(checks.find(({ name }) => name === "web")?.detail ?? "", /no-such-program/);
      },
      config(
        "no-such-program serve",
        "  api: { repo: acme/shop, path: api, protocol: http, local: { start: node x.js } }\n",
      ),
    );
  });

  it("tells every problem of perch.yaml, and looks at the rest all the same", async () => {
    await inRepository(
      async (folder) => {
        const { code, checks } = await checksOf(folder, ...ANY_PORTS);
        assert.equal(code, 1);
        assert.deepEqual(missing(checks), ["perch.yaml"]);
        const { detail } = checks.find(({ name }) => name === "perch.yaml") ?? { detail: "" };
        assert.match(detail, /perch\.yaml:2:1 [\s\S]*perch\.yaml:3:/);
      },
      { "perch.yaml": "apiVersion: perch.dev/v1\nprojec: shop\nservices: 7\n" },
    );
  });

  it("names a port that another program has, and the flag that takes another", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      await inRepository(async (folder) => {
        await withRemote(folder);
        const { checks } = await checksOf(folder, "--edge-port", String(port), "--status-port", "0");
        const check = checks.find(({ name }) => name === `port ${port}`);
        assert.equal(check?.outcome, "missing");
        assert.match(check?.hint ?? "", /--edge-port/);
      }, config("node main.js"));
    } finally {
      server.close();
    }
  });

  it("names what is wrong with a certificate, a proxy or a public URL", async (t) => {
    const other = await certificateFiles(t, await certificateFor(["other.example.com"]));
    const own = await certificateFiles(t, await certificateFor(["dev.example.com", "*.dev.example.com"]));
    const tls = ({ cert, key }: { cert: string; key: string }) => ["--tls-cert", cert, "--tls-key", key];
    await inRepository(
      async (folder) => {
        await withRemote(folder);
        const edgeOf = async (...args: string[]) => {
          const { checks } = await checksOf(folder, ...ANY_PORTS, ...args);
          const { outcome, detail } = checks.find(({ name }) => name === "edge") ?? {};
          return `${outcome} ${detail}`;
        };
        assert.match(await edgeOf(...tls(own.files)), /^ok .*cert\.pem is for dev\.example\.com/);
        assert.match(await edgeOf(...tls(other.files)), /^missing .*is not for dev\.example\.com/);
        assert.match(
          await edgeOf("--tls-cert", own.files.cert),
          /^missing .*needs a certificate and its key/,
        );
        assert.match(await edgeOf(...tls({ ...own.files, key: "/nowhere/key.pem" })), /^missing Cannot read/);
        assert.match(await edgeOf("--trusted-proxy", "proxy"), /^missing "proxy" is not an address/);
        assert.match(
          await edgeOf("--public-url", "https://other.example.com"),
          /^missing .*share links would not work/,
        );
      },
      config("node main.js", "edge: { host: dev.example.com }\n"),
    );
  });

  it("prints no secret: not the token, and not the password of a remote", async () => {
    await inRepository(async (folder) => {
      const env = { ...process.env, NO_COLOR: "1", GITHUB_TOKEN: "ghp_secret1" };
      const remote = "https://user:secret2@127.0.0.1:9/acme/shop";
      const args = ["doctor", "--remote", remote, ...ANY_PORTS];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [PERCH, ...args], {
        cwd: folder,
        env,
      }).catch((error: unknown) => error as { stdout: string; stderr: string });
      assert.match(stdout, /✗ remote of acme\/shop: https:\/\/127\.0\.0\.1:9\/acme\/shop does not answer/);
      assert.doesNotMatch(stdout + stderr, /secret/);
    }, config("node main.js"));
  });

  it("asks GitHub for what the engine will ask for, and prints no token", async (t) => {
    const github = await startTestGithub();
    t.after(() => github.close());
    const more = `cluster: { github: "${github.url}" }\n`;
    const yaml = config("node main.js", more)["perch.yaml"].replace("acme/shop", "acme/test");
    await inRepository(
      async (folder) => {
        const env = { GITHUB_TOKEN: "ghp_secret" };
        const run = () => perchWith(env, folder, "doctor", ...ANY_PORTS);
        const good = await run();
        assert.equal(good.code, 0, good.stdout);
        assert.match(good.stdout, /✓ source: labelled pull requests from GitHub's API\n/);
        assert.match(good.stdout, /✓ remote of acme\/test: http:.*acme\/test\.git answers/);
        for (const status of [401, 404] as const) {
          const bad = await github.during({ kind: "status", status }, run);
          assert.equal(bad.code, 1, bad.stdout);
          assert.match(
            bad.stdout,
            new RegExp(`✗ remote of acme/test: GitHub did not say .* it answered ${status}\\.`),
          );
          assert.doesNotMatch(bad.stdout + bad.stderr, /secret/);
        }
        const elsewhere = `acme/test=${folder}/nowhere`;
        const gone = await perchWith(
          env,
          folder,
          "doctor",
          "--source",
          "github",
          "--remote",
          elsewhere,
          ...ANY_PORTS,
        );
        assert.match(gone.stdout, /✗ remote of acme\/test: The repository .*nowhere cannot be read: fatal:/);
      },
      { ...config("node main.js"), "perch.yaml": yaml },
    );
  });

  it("names credentials that GitHub as the source needs", async () => {
    await inRepository(async (folder) => {
      const { checks } = await checksOf(folder, "--source", "github", ...ANY_PORTS);
      assert.match(checks.find(({ name }) => name === "source")?.hint ?? "", /GITHUB_TOKEN/);
    }, config("node main.js"));
  });

  it("knows the engine that holds the state folder and the ports, and that of another project", async () => {
    await inRepository(
      async (folder) => {
        await withRemote(folder);
        const other = join(folder, "other");
        await mkdir(other);
        await writeFile(join(folder, ".gitignore"), "other\n");
        const git = ["-c", "user.name=a", "-c", "user.email=a@perch.invalid"];
        await promisify(execFile)("git", ["-C", folder, "add", "--all"]);
        await promisify(execFile)("git", ["-C", folder, ...git, "commit", "--quiet", "-m", "x"]);
        const free = createServer().listen(0, "127.0.0.1");
        await once(free, "listening");
        const front = ["--redirect-port", String((free.address() as AddressInfo).port)];
        front.push("--public-url", "https://localhost");
        free.close();
        const up = await perch(folder, "up", "--detach", "--source", "git", ...ANY_PORTS, ...front);
        try {
          assert.equal(up.code, 0, up.stdout + up.stderr);
          const status = JSON.parse((await perch(folder, "status", "--json")).stdout) as {
            edge: { listening: string[] };
            engine: { pid: number; statusUrl: string };
          };
          const edge = status.edge.listening[0]?.split(":")[1] ?? "";
          const api = new URL(status.engine.statusUrl).port;
          const ports = ["--edge-port", edge, "--status-port", api];
          const { code, checks } = await checksOf(folder, ...ports, ...front);
          assert.equal(code, 0);
          const detail = (name: string, of: readonly Check[]) =>
            of.find((check) => check.name === name)?.detail ?? "";
          assert.match(detail("state folder", checks), new RegExp(`process ${status.engine.pid}`));
          for (const port of [edge, front[1]])
            assert.match(detail(`port ${port}`, checks), /held by this project's engine/);
          const elsewhere = await checksOf(folder, "--state-dir", other, ...ports);
          assert.match(detail(`port ${edge}`, elsewhere.checks), /perch engine of .*\.perch has it/);
          assert.match(detail(`port ${api}`, elsewhere.checks), /perch engine of .*\.perch has it/);
        } finally {
          await perch(folder, "down");
        }
      },
      {
        ...config("node main.js"),
        "web/main.js":
          'require("node:http").createServer((_, response) => response.end()).listen(process.env.PORT, process.env.HOST);process.on("SIGTERM", () => process.exit(0));\n',
      },
    );
  });
});
