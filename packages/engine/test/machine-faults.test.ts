import assert from "node:assert/strict";
import { once } from "node:events";
import { rename } from "node:fs/promises";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { PerchError } from "@perch/core";
import { startTestEngine } from "./support/engine.ts";
import { behaviour, makeRepository } from "./support/repository.ts";

describe("a remote", () => {
  it("that goes away keeps every canary, is reported, and is taken up again", async () => {
    const repository = await makeRepository();
    await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const test = await startTestEngine(repository);
    await test.engine.settled();
    await rename(repository.remote, `${repository.remote}.away`);
    const status = await test.until("the outage is reported", ({ problems }) => problems.length > 0);
    assert.equal(status.problems[0]?.code, "SOURCE_UNREACHABLE");
    assert.match(status.problems[0]?.hint ?? "", /git ls-remote/);
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
    await rename(`${repository.remote}.away`, repository.remote);
    await test.until("it answers again", ({ problems }) => problems.length === 0);
    await test.close();
    await repository.remove();
  });

  it("that is not there at the first start is a problem, and nothing is waited for; once it is there, it serves", async () => {
    const repository = await makeRepository();
    await rename(repository.remote, `${repository.remote}.away`);
    const test = await startTestEngine(repository);
    const { problems, services } = await test.engine.settled();
    assert.equal(problems[0]?.code, "SOURCE_UNREACHABLE");
    assert.equal(services[0]?.stable.state, "queued");
    await rename(`${repository.remote}.away`, repository.remote);
    await test.untilState("web", "ready");
    await test.close();
    await repository.remove();
  });

  it("that accepts connections and never answers holds up neither the start nor the end of the engine", async () => {
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const test = await startTestEngine({ remote: `git://127.0.0.1:${port}/shop.git` });
    const answer = await test.get("/");
    assert.equal(answer.status, 503);
    assert.equal(test.engine.status().settled, false);
    await test.close();
    silent.close();
  });
});

describe("a port in use", () => {
  it("is an error that names the port and the flag, and leaves nothing open", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const repository = await makeRepository();
    const isPortInUse = (flag: RegExp) => (error: unknown) =>
      error instanceof PerchError &&
      error.code === "PORT_IN_USE" &&
      error.message.includes(String(port)) &&
      flag.test(error.hint);
    await assert.rejects(startTestEngine(repository, { edgePort: port }), isPortInUse(/--edge-port/));
    await assert.rejects(startTestEngine(repository, { statusPort: port }), isPortInUse(/--status-port/));
    taken.close();
    await repository.remove();
  });
});

describe("a second engine on one state folder", () => {
  it("refuses, and says who holds it", async () => {
    const repository = await makeRepository();
    const test = await startTestEngine(repository);
    await assert.rejects(startTestEngine(repository, { stateDir: test.stateDir }), {
      code: "ENGINE_RUNNING",
      message: new RegExp(String(process.pid)),
    });
    await test.close();
    await repository.remove();
  });
});
