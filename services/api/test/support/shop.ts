import {
  addressOf,
  type Owner,
  type ServiceProcess,
  spawnService,
  startDatabase,
} from "@shop/common/testing";

/** An API in a process of its own. */
export interface RunningApi {
  readonly service: ServiceProcess;
  /** `http://host:port` */
  readonly url: string;
}

type Env = Readonly<Record<string, string>>;

/** Starts an API until its owner ends; it listens, and may not be ready. */
export async function startApi(owner: Owner, env: Env): Promise<RunningApi> {
  const service = spawnService(owner, "@shop/api", env);
  return { service, url: `http://${await addressOf(service)}` };
}

/** Starts a database and a store that is ready, and says where the store is. */
export async function startStore(
  owner: Owner,
  env: Env = {},
): Promise<{ store: ServiceProcess; address: string }> {
  const database = await startDatabase(owner);
  const store = spawnService(owner, "@shop/store", { ...database.env, ...env });
  await store.line((line) => line.msg === "table is ready");
  return { store, address: await addressOf(store) };
}

/** A response with its body, which is JSON, or text when it is not. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends a request; a `json` body makes it JSON. */
export async function send(
  url: string,
  init: RequestInit & { readonly json?: unknown } = {},
): Promise<Answer> {
  const { json, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (json !== undefined) headers.set("content-type", "application/json");
  const response = await fetch(url, {
    ...rest,
    headers,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
