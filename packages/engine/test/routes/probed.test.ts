import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { unlimited } from "../../src/routes/client-limit.ts";
import { startRedirect } from "../../src/routes/http/redirect.ts";
import { eventually } from "../support/processes.ts";
import * as grpc from "./grpc/harness.ts";
import { edge, freePort, silent, tableOf } from "./http/harness.ts";
import { secureEdge } from "./http/secure-harness.ts";

/** What waits on an idle connection, by the ports of its two ends: `02` is the keep-alive (proc_net_tcp of the kernel). */
function timerOf(from: number, to: number): string | undefined {
  const hex = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const own = lines.find(([, local, remote]) => local?.endsWith(hex(from)) && remote?.endsWith(hex(to)));
  return own?.[5]?.slice(0, 2);
}

const LISTENERS: Record<string, (t: TestContext) => Promise<number>> = {
  "the edge": async (t) => (await edge(t, tableOf({}))).port,
  "the edge with TLS": async (t) => (await secureEdge(t, tableOf({}))).port,
  "a gRPC router": async (t) => (await grpc.route(t, grpc.tableOf({}))).port,
  "the redirect": async (t) => {
    const port = await freePort();
    const listen = [{ host: "127.0.0.1", port }];
    const redirect = await startRedirect(listen, "https://localhost", unlimited(silent), () => false);
    t.after(() => redirect.close());
    return port;
  },
};

describe("a client that is silent", {
  skip: process.platform !== "linux" && "only Linux shows its timers",
}, () => {
  for (const [what, start] of Object.entries(LISTENERS)) {
    it(`is asked for by ${what} whether it is still there`, async (t) => {
      const port = await start(t);
      const client = connect(port, "127.0.0.1");
      t.after(() => client.destroy());
      await once(client, "connect");
      await eventually(async () => assert.equal(timerOf(port, client.localPort ?? 0), "02"));
    });
  }
});
