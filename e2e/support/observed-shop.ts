import { addressOf, type Owner, spawnService, startDatabase } from "@shop/common/testing";
import { request } from "undici";
import type { Pod } from "./pod-monitor.ts";

/** Stable api and store, and a canary of each (api of PR 7, store of PR 8), as real processes; the canaries call each other. */
export interface ObservedShop {
  /** Where Prometheus finds their metrics, and the port of store where it finds none. */
  readonly pods: readonly Pod[];
  /** `host:port` of stable api. */
  readonly stable: string;
  /** Sends requests one after the other to api; their statuses. */
  send(to: "stable" | "canary", times: number): Promise<number[]>;
  /** Takes the database away from the canaries: from then on each request to them fails. */
  failCanary(): Promise<void>;
}

/** Runs until its owner ends. */
export async function startObservedShop(owner: Owner): Promise<ObservedShop> {
  const stableStore = await startStore(owner, {});
  const canaryStore = await startStore(owner, { CANARY_PR: "8" });
  const api = {
    stable: await startApi(owner, { STORE_ADDR: stableStore.address }),
    canary: await startApi(owner, { STORE_ADDR: canaryStore.address, CANARY_PR: "7" }),
  };
  return {
    pods: [
      { address: api.stable, namespace: "apps", service: "api", port: "http" },
      { address: stableStore.metrics, namespace: "apps", service: "store", port: "metrics" },
      { address: stableStore.address, namespace: "apps", service: "store", port: "grpc" },
      { address: api.canary, namespace: "api-canary-pr-7", service: "api", port: "http" },
      { address: canaryStore.metrics, namespace: "store-canary-pr-8", service: "store", port: "metrics" },
    ],
    stable: api.stable,
    send: (to, times) => send(api[to], times),
    failCanary: canaryStore.loseDatabase,
  };
}

type Env = Readonly<Record<string, string>>;

async function startStore(owner: Owner, env: Env) {
  const database = await startDatabase(owner);
  const service = spawnService(owner, "@shop/store", { ...database.env, ...env, METRICS_PORT: "0" });
  await service.line((line) => line.msg === "table is ready");
  const { metricsPort } = await service.line((line) => line.msg === "listening");
  const address = await addressOf(service);
  return { address, metrics: `127.0.0.1:${metricsPort}`, loseDatabase: database.stop };
}

async function startApi(owner: Owner, env: Env): Promise<string> {
  return addressOf(spawnService(owner, "@shop/api", env));
}

async function send(address: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let sent = 0; sent < times; sent += 1) {
    const response = await request(`http://${address}/api/items`);
    await response.body.dump();
    statuses.push(response.statusCode);
  }
  return statuses;
}
