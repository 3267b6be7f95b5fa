import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Context,
  type ContextManager,
  context,
  createContextKey,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from "@opentelemetry/api";
import { createFetch } from "../../src/fetch/index.ts";
import { currentSelector, invalidSelectorCount, outgoingSelector, runWithSelector } from "../../src/index.ts";
import { type CanaryPropagatorOptions, canaryPropagator } from "../../src/otel/index.ts";
import { get, listen } from "../support/http.ts";

/** What OpenTelemetry's own SDK does for Node, in a few lines. */
class Manager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager["with"] = (active, body, self, ...args) =>
    this.#storage.run(active, () => Reflect.apply(body, self, args));
  bind: ContextManager["bind"] = (_active, target) => target;
  enable = () => this;
  disable = () => this;
}

const install = (options: CanaryPropagatorOptions) => {
  propagation.disable();
  propagation.setGlobalPropagator(canaryPropagator(options));
};
const extract = (headers: Record<string, string | string[]>) => propagation.extract(ROOT_CONTEXT, headers);
const inject = (active = context.active()) => {
  const headers: Record<string, string> = {};
  propagation.inject(active, headers);
  return headers;
};

describe("canaryPropagator", () => {
  before(() => context.setGlobalContextManager(new Manager()));
  after(() => {
    context.disable();
    propagation.disable();
  });

  it("carries a selector from one carrier to the next", async () => {
    install({ inject: "everywhere" });
    await context.with(extract({ "x-canary": " api=2,store=1 " }), async () => {
      await delay(1);
      assert.deepEqual(inject(), { "x-canary": "api=2,store=1" });
    });
    assert.deepEqual(inject(), {});
  });

  it("gives what it extracted to currentSelector and to this package's clients", async () => {
    install({ inject: "everywhere" });
    await using store = await listen((request, response) => response.end(request.headers["x-canary"]));
    const canaryFetch = createFetch({ hosts: { [store.host]: "store" } });
    await context.with(extract({ "x-canary": "7" }), async () => {
      assert.deepEqual(currentSelector(), { kind: "pr", pr: 7 });
      assert.equal(await (await canaryFetch(store.url)).text(), "7");
    });
  });

  it("injects what this package carries, before what OpenTelemetry carries", () => {
    install({ inject: "everywhere" });
    const active = extract({ "x-canary": "7" });
    context.with(active, () => {
      runWithSelector("8", () => assert.deepEqual(inject(), { "x-canary": "8" }));
      runWithSelector(undefined, () => assert.deepEqual(inject(), {}));
    });
    assert.deepEqual(inject(active), { "x-canary": "7" });
  });

  it("neither carries nor counts an invalid selector, but tells of it", () => {
    const reasons: string[] = [];
    install({ inject: "everywhere", onInvalid: (reason) => reasons.push(reason) });
    const counts = invalidSelectorCount();
    for (const value of ["?", "", ["7", "8"]]) {
      context.with(extract({ "x-canary": value }), () => {
        assert.equal(outgoingSelector(), undefined);
        assert.deepEqual(inject(), {});
      });
    }
    assert.deepEqual(reasons, ["malformed", "malformed", "differing-lines"]);
    assert.deepEqual(invalidSelectorCount(), counts);
  });

  it("leaves the context alone where there is no selector", () => {
    install({ inject: "everywhere" });
    assert.equal(extract({}), ROOT_CONTEXT);
    assert.equal(extract({ "x-canary": [] }), ROOT_CONTEXT);
  });

  it("injects only where the function allows it", () => {
    const INSIDE = createContextKey("inside");
    install({ inject: (_carrier, active) => active.getValue(INSIDE) === true });
    const active = extract({ "x-canary": "7" });
    assert.deepEqual(inject(active), {});
    assert.deepEqual(inject(active.setValue(INSIDE, true)), { "x-canary": "7" });
  });

  it("names its one field, and uses the carrier's own getter and setter", () => {
    const propagator = canaryPropagator({ inject: "everywhere" });
    assert.deepEqual(propagator.fields(), ["x-canary"]);
    const active = propagator.extract(ROOT_CONTEXT, { "x-canary": "7" }, defaultTextMapGetter);
    const headers = {};
    propagator.inject(active, headers, defaultTextMapSetter);
    assert.deepEqual(headers, { "x-canary": "7" });
  });

  it("works behind a real server that hands its headers to OpenTelemetry", async () => {
    install({ inject: "everywhere" });
    await using server = await listen((request, response) => {
      context.with(propagation.extract(ROOT_CONTEXT, request.headersDistinct), async () => {
        await delay(1);
        response.end(outgoingSelector());
      });
    });
    assert.equal((await get(server.url, { "x-canary": ["7", "7"] })).body, "7");
  });
});
