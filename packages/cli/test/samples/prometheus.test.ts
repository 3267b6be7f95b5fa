import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { prometheusSamples } from "../../src/samples/prometheus.ts";

// What a Prometheus may answer; the real one is asked in e2e/observability.test.ts.

describe("samples from Prometheus", () => {
  let server: Server;
  let url: URL;
  let answer: (query: string) => { status?: number; body: unknown; breaks?: boolean };
  let asked: { path: string; query: string; authorization: string | undefined }[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      const query = searchParams.get("query") ?? "";
      asked.push({ path: pathname, query, authorization: request.headers.authorization });
      const { status = 200, body, breaks = false } = answer(query);
      if (breaks) {
        response.writeHead(status, { "content-length": 99 }).write("{");
        return void setTimeout(() => response.destroy(), 50);
      }
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  after(() => server.close());

  const vector = (result: [labels: Record<string, string>, value: string][]) => ({
    status: "success",
    data: { resultType: "vector", result: result.map(([metric, value]) => ({ metric, value: [0, value] })) },
  });
  const ask = (options: { path?: string; token?: string; login?: string } = {}) => {
    asked = [];
    const { path = "/", token, login } = options;
    const at = new URL(path, login === undefined ? url : url.href.replace("//", `//${login}@`));
    return prometheusSamples(token === undefined ? { url: at } : { url: at, token }, "api", 300);
  };
  const failure = async (given: ReturnType<typeof answer>, options: Parameters<typeof ask>[0] = {}) => {
    answer = () => given;
    const error = await ask(options).then(
      () => undefined,
      (thrown: { code?: string; message: string; hint?: string }) => thrown,
    );
    return `${error?.code}: ${error?.message} ${error?.hint}`;
  };

  it("are counts by bucket, in milliseconds, of stable and each canary", async () => {
    answer = (query) => {
      if (query.includes("perch:requests:"))
        return {
          body: vector([
            [{}, "100.5"],
            [{ canary_pr: "7" }, "10"],
          ]),
        };
      if (query.includes("perch:errors:")) return { body: vector([[{ canary_pr: "7" }, "2"]]) };
      return {
        body: vector([
          [{ canary_pr: "7", le: "+Inf" }, "10"],
          [{ canary_pr: "7", le: "0.1" }, "9"],
          [{ canary_pr: "7", le: "0.005" }, "6"],
          [{ le: "0.005" }, "100"],
          [{ le: "+Inf" }, "100.5"],
        ]),
      };
    };
    const samples = await ask({ token: "secret" });
    assert.deepEqual(samples.get(7), {
      requests: 10,
      errors: 2,
      durations: { bounds: [5, 100], counts: [6, 3, 1] },
    });
    assert.deepEqual(samples.get(undefined), {
      requests: 100.5,
      errors: 0,
      durations: { bounds: [5], counts: [100, 0.5] },
    });
    assert.deepEqual(
      asked.map(({ path, authorization }) => [path, authorization]),
      Array.from({ length: 3 }, () => ["/api/v1/query", "Bearer secret"]),
    );
    assert.ok(asked.some(({ query }) => query.includes('perch:requests:increase1m{service="api"}[300s]')));
  });

  it("are asked for below the path of a Prometheus that has one", async () => {
    answer = () => ({ body: vector([]) });
    assert.equal((await ask({ path: "/prometheus" })).size, 0);
    assert.equal(asked[0]?.path, "/prometheus/api/v1/query");
  });

  it("are asked for with the user name and the password of the address, which nothing else is told", async () => {
    answer = () => ({ body: vector([]) });
    await ask({ path: "/prometheus?of=no", login: "me:p%40s%C3%A9:s" });
    const authorization = `Basic ${Buffer.from("me:p@sé:s").toString("base64")}`;
    assert.deepEqual(
      asked.map(({ path, authorization }) => [path, authorization]),
      Array.from({ length: 3 }, () => ["/prometheus/api/v1/query", authorization]),
    );
    await ask({ login: "me" });
    assert.equal(asked[0]?.authorization, `Basic ${Buffer.from("me:").toString("base64")}`);
  });

  it("are not asked for with a login that cannot be sent", async () => {
    const body = vector([]);
    assert.match(
      await failure({ body }, { login: "me:100%secret" }),
      /^USAGE: .* at http:\/\/127\.0\.0\.1:\d+\/ has a % that encodes nothing\. Write %25/,
    );
    assert.match(
      await failure({ body }, { login: "me:secret", token: "secret" }),
      /^USAGE: There are two logins .*: PERCH_PROMETHEUS_TOKEN, and a user name in the address\. Take one away/,
    );
    assert.deepEqual(asked, []);
  });

  it("take no harm from elements that are none", async () => {
    answer = () => ({ body: { status: "success", data: { resultType: "vector", result: [null, {}, 7] } } });
    assert.equal((await ask()).size, 0);
  });

  it("leave out what no canary is called, and what is no number", async () => {
    answer = () => ({
      body: vector([
        [{ canary_pr: "seven" }, "1"],
        [{ canary_pr: "0" }, "1"],
        [{ canary_pr: "8" }, "NaN"],
        [{ canary_pr: "9" }, "3"],
      ]),
    });
    assert.deepEqual([...(await ask()).keys()], [9]);
  });

  it("say what was answered in their place, and what to do", async () => {
    assert.match(
      await failure({ status: 400, body: { status: "error", error: "parse error" } }),
      /^PROMETHEUS_FAILED: .* answered 400 to a query: "parse error"\. It must be the root/,
    );
    assert.match(await failure({ status: 401, body: "no" }), /answered 401.*PERCH_PROMETHEUS_TOKEN/);
    assert.match(await failure({ body: "<html>" }), /answered 200 to a query: "<html>"/);
    for (const data of [{ resultType: "matrix" }, { resultType: "vector", result: {} }, undefined])
      assert.match(await failure({ body: { status: "success", data } }), /answered 200 to a query/);
    const login = "me:secret";
    assert.match(
      await failure({ status: 500, body: "no" }, { login }),
      /^PROMETHEUS_FAILED: Prometheus at http:\/\/127\.0\.0\.1:\d+\/ answered 500/,
    );
    assert.match(
      await failure({ body: "", breaks: true }),
      /^PROMETHEUS_FAILED: .* does not answer\. Is the address right/,
    );
    url = new URL("http://127.0.0.1:9");
    assert.match(
      await failure({ body: "" }, { login }),
      /^PROMETHEUS_FAILED: Prometheus at http:\/\/127\.0\.0\.1:9\/ does not answer\. Is the address right/,
    );
  });
});
