import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Status } from "@perch/core";
import { request } from "undici";
import { answerOf, WEB_CONFIG } from "./support/engine.ts";
import { type EngineProcess, startEngineProcess } from "./support/engine-process.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";
import { type SteadyTraffic, steadyTraffic } from "./support/steady-traffic.ts";

const FILLS = WEB_CONFIG.replace("local: {", "local: { build: 'sh ./build.sh',");
/** That the engine may have open. */
const FILES = 400;
/** A pull request that has nothing to do with what is too little. */
const OTHER = 9;
const BUILDS = { "services/web/build.sh": "exit 0\n" };

describe("a machine that has too little", () => {
  let repository: TestRepository;
  let stateDir: string;
  let engine: EngineProcess;
  let traffic: SteadyTraffic | undefined;
  before(async () => {
    repository = await makeRepository(BUILDS);
  });
  afterEach(async () => {
    await traffic?.stop();
    await engine.end();
    await rm(stateDir, { recursive: true, force: true });
    for (const number of [1, 2, OTHER]) await repository.closePullRequest(number).catch(() => undefined);
    if (traffic === undefined) return;
    assert.deepEqual([...traffic.wrong, ...traffic.failures()], []);
    assert.ok(traffic.answered() > 20, `only ${traffic.answered()} requests`);
    traffic = undefined;
  });
  after(() => repository.remove());

  async function start(limits: { disk?: string; files?: number }): Promise<void> {
    stateDir = await mkdtemp(join(tmpdir(), "perch-exhausted-"));
    engine = startEngineProcess({ stateDir, remote: repository.remote, yaml: FILLS }, limits);
    await engine.settled;
  }

  /** Stable, and a canary that serves already, are asked all the time, and must always answer. */
  async function askSteadily(): Promise<void> {
    await repository.pushPullRequest(OTHER, behaviour({ says: "other" }));
    await eventually(async () => assert.equal((await canary(OTHER))?.state, "ready"));
    const { edge } = await engine.settled;
    const get = (path: string, headers?: Record<string, string>) =>
      answerOf(`http://${edge.listening[0]}${path}`, headers);
    traffic = steadyTraffic({ get }, [
      { expects: () => ["stable"] },
      { selector: `${OTHER}`, expects: () => ["other"] },
    ]);
  }

  async function status(): Promise<Status> {
    const { engine: own } = await engine.settled;
    return (await (await request(`${own.statusUrl}/api/status`)).body.json()) as Status;
  }

  async function ask(headers: Record<string, string> = {}) {
    const { edge } = await engine.settled;
    const response = await request(`http://${edge.listening[0]}/`, { headers, reset: true });
    return { status: response.statusCode, text: await response.body.text() };
  }

  const codes = async () => (await status()).problems.map(({ code }) => code);
  const told = async () => (await status()).problems.map(({ code, message }) => `${code} ${message}`);
  const canary = async (pr: number) => (await status()).services[0]?.canaries.find((one) => one.pr === pr);

  it("has a disk that is nearly full: a problem before it is full, what runs goes on, builds wait for room", async () => {
    await start({ disk: "64m" });
    await askSteadily();
    const fills = { "services/web/build.sh": "head -c 63000000 /dev/zero > fill\n" };
    await repository.pushPullRequest(1, { ...behaviour({ says: "one" }), ...fills });
    await eventually(async () => assert.ok((await codes()).includes("DISK_NEARLY_FULL")));
    await repository.pushPullRequest(2, behaviour({ says: "two" }));
    await eventually(async () => assert.equal((await canary(2))?.state, "queued"));
    assert.equal((await ask({ "x-canary": "2" })).status, 503);
    await repository.closePullRequest(1);
    await eventually(async () => assert.match((await ask({ "x-canary": "2" })).text, /"says":"two"/));
    await eventually(async () => assert.deepEqual(await told(), []));
  });

  it("has a disk that is full: stable answers, and what closes makes room for what comes", async () => {
    await start({ disk: "64m" });
    await askSteadily();
    const fills = { "services/web/build.sh": "head -c 200000000 /dev/zero > fill\n" };
    await repository.pushPullRequest(1, { ...behaviour({ says: "one" }), ...fills });
    await eventually(async () => assert.equal((await canary(1))?.failure?.code, "BUILD_FAILED"));
    await repository.pushPullRequest(2, behaviour({ says: "two" }));
    await eventually(async () => assert.ok((await codes()).includes("DISK_NEARLY_FULL")));
    await repository.closePullRequest(1);
    await eventually(async () => assert.match((await ask({ "x-canary": "2" })).text, /"says":"two"/));
    await eventually(async () => assert.deepEqual(await told(), []));
  });

  it("has few file descriptors, and clients that take all they get: stable answers, and what comes serves", async () => {
    await start({ files: FILES });
    await askSteadily();
    const flood = await floodOfConnections();
    await eventually(async () => assert.ok(flood.opened() > FILES));
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    await eventually(async () => assert.match((await ask({ "x-canary": "1" })).text, /"says":"one"/));
    assert.ok(flood.closed() > 0, "none had to go");
    flood.stop();
    await eventually(async () => assert.deepEqual(await told(), []));
  });

  /** More connections than there are files, which say nothing; where one is closed, another one comes later. */
  async function floodOfConnections() {
    const { edge } = await engine.settled;
    const [host = "", port = ""] = edge.listening[0]?.split(":") ?? [];
    const sockets = new Set<Socket>();
    const counts = { opened: 0, closed: 0 };
    const open = () => {
      const socket = connect(Number(port), host);
      sockets.add(socket);
      socket.on("error", () => undefined).once("connect", () => counts.opened++);
      socket.resume().once("close", () => {
        sockets.delete(socket);
        counts.closed++;
      });
    };
    const timer = setInterval(() => {
      for (let i = 0; i < 10 && sockets.size < FILES + 100; i += 1) open();
    }, 50);
    return {
      opened: () => counts.opened,
      closed: () => counts.closed,
      stop: () => {
        clearInterval(timer);
        for (const socket of sockets) socket.destroy();
      },
    };
  }
});
