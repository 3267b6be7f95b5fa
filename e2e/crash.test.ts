import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Status, VariantStatus } from "@perch/core";
import { request } from "undici";
import { parse } from "yaml";
import { type Demo, startDemo } from "./support/demo.ts";
import type { Run } from "./support/perch.ts";
import { type Caller, startTraffic, type Traffic } from "./support/traffic.ts";

interface Fault {
  readonly claim: string;
  readonly kill: "engine" | "database" | { readonly service: string; readonly pr?: number };
  readonly reads: readonly Caller[];
  readonly writes: readonly Caller[];
  /** Of those, how many of one caller at most; absent: as long as it is down. */
  readonly most?: number;
}

const { faults } = parse(readFileSync(join(import.meta.dirname, "crash.yaml"), "utf8")) as {
  faults: readonly Fault[];
};

describe("crashes under steady traffic", () => {
  let demo: Demo & { readonly up: Run };
  let edge: string;
  let traffic: Traffic;
  before(async () => {
    demo = await startDemo();
    assert.equal(demo.up.code, 0, demo.up.stdout + demo.up.stderr);
    edge = (await demo.status()).edge.listening[0] ?? "";
    traffic = startTraffic(edge);
  });
  after(async () => {
    await traffic?.stop();
    await demo.end();
  });

  for (const { claim, kill, most = Number.POSITIVE_INFINITY, ...mayFail } of faults) {
    it(claim, async () => {
      await traffic.allAnswered();
      assert.deepEqual(
        traffic.troubles(),
        { reads: new Map(), writes: new Map(), wrong: [] },
        "all is well before",
      );
      const before = await demo.status();
      if (kill === "engine") await restartEngine(before);
      else process.kill(-groupOf(before, kill), "SIGKILL");
      await traffic.allAnswered();
      await settled();
      await traffic.allAnswered();
      const troubles = traffic.troubles();
      assert.deepEqual(troubles.wrong, []);
      for (const what of ["reads", "writes"] as const) {
        const others = [...troubles[what]].filter(([caller]) => !mayFail[what].includes(caller));
        assert.deepEqual(others, [], what);
        for (const [caller, errors] of troubles[what])
          assert.ok(errors.length <= most, `${what} of ${caller}: ${errors.join("\n")}`);
      }
      if (kill === "engine") assert.deepEqual(processes(await demo.status()), processes(before));
    });
  }

  it("no write that was answered is lost", async () => {
    const written = await traffic.stop();
    assert.ok(written.length > 20, `only ${written.length} were written`);
    for (const id of written) {
      const { statusCode, body } = await request(`http://${edge}/api/items/${id}`);
      assert.equal(statusCode, 200, await body.text());
    }
  });

  it("nothing is left behind: not while it runs, and not when it has ended", async () => {
    const running = await demo.perch("residue");
    assert.deepEqual([running.code, running.stdout], [0, "Nothing is left."]);
    assert.equal((await demo.perch("down")).code, 0);
    const ended = await demo.perch("residue");
    assert.deepEqual([ended.code, ended.stdout], [0, "Nothing is left."]);
  });

  function groupOf(status: Status, kill: Exclude<Fault["kill"], "engine">): number {
    if (kill !== "database") return variantOf(status, kill.service, kill.pr)?.pid ?? 0;
    const path = join(demo.stateDir, "instances", "dynamodb", "process.json");
    return (JSON.parse(readFileSync(path, "utf8")) as { pid: number }).pid;
  }

  async function restartEngine({ engine }: Status): Promise<void> {
    process.kill(engine.pid, "SIGKILL");
    const port = edge.split(":").at(-1) ?? "";
    const ports = ["--edge-port", port, "--status-port", "0", "--interval", "0.2"];
    const { code, stdout, stderr } = await demo.perch("up", "--detach", "--remote", demo.origin, ...ports);
    assert.equal(code, 0, stdout + stderr);
  }

  async function settled(): Promise<void> {
    for (;;) {
      const status = await demo.status();
      const all = status.services.flatMap(({ stable, canaries }) => [stable, ...canaries]);
      if (status.problems.length === 0 && all.every(({ state }) => state === "ready")) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
});

function variantOf(status: Status, service: string, pr: number | undefined): VariantStatus | undefined {
  const found = status.services.find((one) => one.service === service);
  return pr === undefined ? found?.stable : found?.canaries.find((canary) => canary.pr === pr);
}

/** Who runs, as what, and where. */
function processes({ services }: Status) {
  return services
    .flatMap(({ stable, canaries }) => [stable, ...canaries])
    .map(({ service, pr, pid, address }) => ({ service, pr, pid, address }));
}
