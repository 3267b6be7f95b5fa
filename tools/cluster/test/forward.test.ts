import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, watch } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Forward } from "../src/bed/forward.ts";

const PROGRAM = join(import.meta.dirname, "..", "src", "bed", "forward.ts");

let folder = "";
let target: Server;
const children: ChildProcess[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-forward-"));
  target = createServer((request, response) => request.pipe(response)).listen(0, "127.0.0.1");
  await once(target, "listening");
});
after(async () => {
  for (const child of children) child.kill();
  target.close();
  target.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** Starts a forwarder; the ports that it listens on. */
async function forward(name: string, forwards: readonly Forward[]): Promise<Record<string, number>> {
  const file = join(folder, `${name}.json`);
  const changes = watch(folder);
  children.push(
    spawn(process.execPath, [PROGRAM, file, JSON.stringify(forwards)], {
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
  for await (const { filename } of changes) if (filename === `${name}.json`) break;
  return JSON.parse(await readFile(file, "utf8"));
}

const targetAddress = () => ({ host: "127.0.0.1", port: (target.address() as AddressInfo).port });
const echo = async (port: number | undefined, body: string) =>
  (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body })).text();

describe("the forwarders", () => {
  it("carry bytes from a loopback port through a socket to a port of another network", async () => {
    const socket = { path: join(folder, "web.sock") };
    await forward("inner", [{ name: "web", from: socket, to: targetAddress() }]);
    const from = { host: "127.0.0.1", port: 0 };
    const { web } = await forward("outer", [{ name: "web", from, to: socket }]);
    const body = "x".repeat(1_000_000);
    assert.equal(await echo(web, body), body);
  });

  it("take another port where the wanted one is taken", async () => {
    const { web } = await forward("taken", [{ name: "web", from: targetAddress(), to: targetAddress() }]);
    assert.notEqual(web, targetAddress().port);
    assert.equal(await echo(web, "hello"), "hello");
  });

  it("end a connection whose target does not answer, and go on", async () => {
    const nowhere = { path: join(folder, "nobody.sock") };
    const from = { host: "127.0.0.1", port: 0 };
    const { web, dead } = await forward("dead", [
      { name: "dead", from, to: nowhere },
      { name: "web", from, to: targetAddress() },
    ]);
    await assert.rejects(echo(dead, "hello"), TypeError);
    assert.equal(await echo(web, "hello"), "hello");
  });
});
