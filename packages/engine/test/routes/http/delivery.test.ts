import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import type { RouteTable } from "@perch/core";
import { addressOf, backend, bodyOf, edge, send, tableOf, type Unready } from "./harness.ts";

/** A backend below HTTP: told the bytes of each connection in turn. */
async function rawBackend(
  t: TestContext,
  onConnection: (socket: Socket, nth: number) => void,
): Promise<Server> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket, ++count);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  return server;
}

/** A backend that closes upon every request, and counts them. */
async function closingBackend(t: TestContext): Promise<{ address: string; requests: number }> {
  const seen = { address: "", requests: 0 };
  const server = await rawBackend(t, (socket) => {
    socket.once("data", () => {
      seen.requests++;
      socket.destroy();
    });
  });
  seen.address = addressOf(server);
  return seen;
}

async function closedAddress(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = addressOf(server);
  await once(server.close(), "close");
  return address;
}

const to = (address: string): RouteTable => tableOf({ api: { stable: address, prefix: "/" } });

describe("a delivery", () => {
  it("is tried again by a new look at the table when the connection is refused, with its body", async (t) => {
    const next = await backend(t, async (req, res) => res.end(await bodyOf(req)));
    const gone = await closedAddress();
    let looks = 0;
    const { port } = await edge(t, () => to(looks++ === 0 ? gone : next.address));
    assert.equal((await send(port, { method: "POST", body: "item" })).body, "item");
    assert.equal(looks, 2);
  });

  it("ends in 502 when it is refused again and again, naming stable or the canary", async (t) => {
    const gone = await closedAddress();
    const table = tableOf({ api: { stable: gone, canaries: { 7: { address: gone } }, prefix: "/" } });
    let looks = 0;
    const { port } = await edge(t, () => {
      looks++;
      return table;
    });
    const stable = await send(port);
    assert.deepEqual([stable.status, looks], [502, 6]);
    assert.match(JSON.parse(stable.body).detail, /^Stable api refused the connection\./);
    const canary = await send(port, { headers: { "X-Canary": "7" } });
    assert.deepEqual([canary.status, canary.headers["x-canary-echo"]], [502, "7"]);
    assert.match(JSON.parse(canary.body).detail, /^The canary of PR 7 of api refused/);
  });

  it("is answered also when many are refused at once, while another goes on at the same address", async (t) => {
    const held = Promise.withResolvers<() => void>();
    const first = await backend(t, (_req, res) => {
      res.write("held ");
      held.resolve(() => res.end("on"));
    });
    const { port } = await edge(t, to(first.address));
    const goesOn = send(port);
    const end = await held.promise;
    // It takes no new connection from now on.
    first.server.close();
    const refused = await Promise.all(Array.from({ length: 20 }, () => send(port)));
    assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([502]));
    end();
    assert.equal((await goesOn).body, "held on");
  });

  it("survives a pooled connection that the backend closes at the moment of use", async (t) => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const server = await rawBackend(t, (socket, nth) => {
      let requests = 0;
      socket.on("data", () => {
        // The first connection answers once and closes on its second request, without a byte.
        if (nth === 1 && ++requests === 2) socket.destroy();
        else socket.write(answer);
      });
    });
    const { port } = await edge(t, to(addressOf(server)));
    assert.equal((await send(port)).body, "ok");
    assert.equal((await send(port)).body, "ok");
  });

  it("survives the death of all pooled connections: what is tried again is not sent on another of them", async (t) => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const pooled = 4;
    const first: Socket[] = [];
    const server = await rawBackend(t, (socket, nth) => {
      let requests = 0;
      socket.on("data", () => {
        if (nth > pooled) socket.write(answer);
        else if (++requests === 2) socket.destroy();
        // Answered when all are there, so that each has a connection.
        else if (first.push(socket) === pooled) for (const one of first) one.write(answer);
      });
    });
    const { port } = await edge(t, to(addressOf(server)));
    const sendAll = async () => {
      const answers = await Promise.all(Array.from({ length: pooled }, () => send(port)));
      assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(["ok"]));
    };
    await sendAll();
    assert.equal((await send(port)).body, "ok");
    await sendAll();
  });

  it("survives a process that is being killed, whose listening socket lives a moment longer than its connections", async (t) => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    const sent: number[] = [];
    const server = await rawBackend(t, (socket, nth) => {
      socket.on("data", () => {
        sent.push(performance.now());
        if (nth > 2) socket.write(answer);
        else socket.destroy();
      });
    });
    const { port } = await edge(t, to(addressOf(server)));
    assert.equal((await send(port)).body, "ok");
    const [, second = 0, third = 0] = sent;
    // Time for the socket to go. Less a little: timers count whole milliseconds.
    assert.ok(third - second > 290, `${third - second} ms`);
  });

  it("is sent three times at most where it may be done again, and then is answered", async (t) => {
    const closing = await closingBackend(t);
    const { port } = await edge(t, to(closing.address));
    for (const method of ["GET", "DELETE"]) {
      closing.requests = 0;
      const { status, body } = await send(port, { method });
      assert.deepEqual([status, JSON.parse(body).code, closing.requests], [502, "BACKEND_FAILED", 3], method);
    }
  });

  it("is sent twice at most when it waited for its process: it shall not end one after the other", async (t) => {
    const closing = await closingBackend(t);
    const canary = (at: Unready | { address: string }) =>
      tableOf({ api: { stable: closing.address, canaries: { 7: at }, prefix: "/" } });
    let table = canary({ state: "sleeping", holds: true });
    const { port } = await edge(t, () => table, {
      use: {
        wakeTimeout: 60_000,
        begin: () => () => {},
        hold: async () => {
          table = canary({ address: closing.address });
        },
      },
    });
    const { status } = await send(port, { headers: { "X-Canary": "7" } });
    assert.deepEqual([status, closing.requests], [502, 2]);
  });

  it("is not repeated when a request that changes something may have been acted on", async (t) => {
    const closing = await closingBackend(t);
    const { port } = await edge(t, to(closing.address));
    const { status, body } = await send(port, { method: "POST", body: "x" });
    assert.deepEqual([status, JSON.parse(body).code, closing.requests], [502, "BACKEND_FAILED", 1]);
    assert.equal((await send(port, { method: "PUT", body: "x" })).status, 502);
    assert.equal(closing.requests, 2);
  });

  it("is not repeated when an answer had begun", async (t) => {
    let requests = 0;
    const server = await rawBackend(t, (socket) => {
      socket.once("data", () => {
        requests++;
        socket.end("HTTP/1.1 200 OK\r\nContent-");
      });
    });
    const { port } = await edge(t, to(addressOf(server)));
    assert.deepEqual([(await send(port)).status, requests], [502, 1]);
  });

  it("ends in 502 when the backend does not speak HTTP/1.1, or changes protocols unasked", async (t) => {
    const answers = [
      "SSH-2.0-OpenSSH\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ];
    for (const answer of answers) {
      const server = await rawBackend(t, (socket) => socket.once("data", () => socket.end(answer)));
      const { port } = await edge(t, to(addressOf(server)));
      assert.equal((await send(port)).status, 502, answer);
    }
  });

  it("ends in 502 when response headers are too large, or hold what no header may", async (t) => {
    const heads = [`X-A: ${"a".repeat(70_000)}`, "X-A: \u0001"];
    for (const head of heads) {
      const server = await rawBackend(t, (socket) =>
        socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\nContent-Length: 0\r\n\r\n`)),
      );
      const { port } = await edge(t, to(addressOf(server)));
      assert.equal((await send(port)).status, 502, head.slice(0, 10));
    }
  });

  it("ends in 504 when the backend accepts no connection in time", async (t) => {
    const child = spawn(process.execPath, [
      "-e",
      "const s = require('net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))",
    ]);
    t.after(() => child.kill("SIGKILL"));
    const [line] = await once(child.stdout, "data");
    const address = `127.0.0.1:${Number(String(line))}`;
    child.kill("SIGSTOP");
    await fillBacklog(t, Number(String(line)));
    const { port } = await edge(t, to(address), { connectTimeout: 100 });
    const { status, body } = await send(port, { method: "POST", body: "x" });
    assert.deepEqual([status, JSON.parse(body).code], [504, "BACKEND_TIMEOUT"]);
  });

  it("is dropped without a trace when the client leaves before the backend's connection is there", async (t) => {
    const seen: string[] = [];
    const arrived = Promise.withResolvers<void>();
    const next = await backend(t, (req, res) => {
      seen.push(req.url ?? "");
      arrived.resolve();
      res.end();
    });
    const looked = Promise.withResolvers<void>();
    const { port, router } = await edge(t, () => {
      looked.resolve();
      return to(next.address);
    });
    const request = httpRequest({ host: "127.0.0.1", port, path: "/left", agent: false }).end();
    request.on("error", () => {});
    await looked.promise;
    request.destroy();
    await router.release(next.address, 60_000);
    await send(port, { path: "/next" });
    await arrived.promise;
    assert.equal(seen.at(-1), "/next");
  });
});

/** Connects until a connection is not accepted: Linux lets one more in than the backlog says. */
async function fillBacklog(t: TestContext, port: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    if (i < 2) await once(socket, "connect");
  }
}
