import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { gitSettings } from "../../../src/manifests/platform/argocd-git.ts";
import { shopProject } from "../support.ts";

const run = promisify(execFile);

/** A code host that asks everybody for credentials, and remembers what it was sent. */
interface CodeHost {
  readonly server: Server;
  readonly port: number;
  readonly seen: { readonly host: string; readonly hasCredentials: boolean }[];
}

async function codeHost(): Promise<CodeHost> {
  const seen: CodeHost["seen"] = [];
  const server = createServer((request, response) => {
    const { host = "", authorization } = request.headers;
    seen.push({ host, hasCredentials: authorization !== undefined });
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port, seen };
}

describe("git of Argo CD's repo server", () => {
  let folder = "";
  let host: CodeHost;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-git-"));
    host = await codeHost();
    const github = `http://127.0.0.1:${host.port}`;
    const { data } = gitSettings(shopProject({ cluster: { github } })).object as unknown as {
      data: { gitconfig: string };
    };
    await writeFile(join(folder, "gitconfig"), data.gitconfig);
    // What Argo CD's own helper does: an answer, whoever asks.
    await writeFile(join(folder, "askpass"), "#!/bin/sh\necho secret\n");
    await chmod(join(folder, "askpass"), 0o700);
  });

  after(async () => {
    host.server.close();
    await rm(folder, { recursive: true });
  });

  /** What the host was sent when git looked at an address: it never gets in. */
  async function seenOf(address: string, config = "gitconfig"): Promise<CodeHost["seen"]> {
    host.seen.length = 0;
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: join(folder, config),
      GIT_ASKPASS: join(folder, "askpass"),
      GIT_TERMINAL_PROMPT: "0",
    };
    await assert.rejects(run("git", ["ls-remote", address], { env, cwd: folder }));
    return [...host.seen];
  }

  it("sends the token to the project's code host", async () => {
    const seen = await seenOf(`http://127.0.0.1:${host.port}/acme/shop.git`);
    assert.ok(seen.some(({ hasCredentials }) => hasCredentials));
  });

  it("asks nobody else anything, in whatever way an address is written; without the settings it sends the token", async () => {
    const elsewhere = `localhost:${host.port}/x.git`;
    const bare = await seenOf(`http://${elsewhere}`, "none");
    assert.ok(bare.some(({ hasCredentials }) => hasCredentials));
    for (const address of [
      `http://${elsewhere}`,
      `http::http://${elsewhere}`,
      `HTTP://${elsewhere}`,
      `http://perch@${elsewhere}`,
      `http://127.0.0.1:${host.port}@${elsewhere}`,
      `git://${elsewhere}`,
      `ext::curl http://${elsewhere}`,
    ]) {
      assert.deepEqual(await seenOf(address), [], address);
    }
  });
});
