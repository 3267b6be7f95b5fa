import {
  type CallOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { addressOf, type Owner, type ServiceProcess, spawnService } from "@shop/common/testing";
import { type CreateItemRequest, StoreServiceClient, type UpdateItemRequest } from "@shop/proto";

/** A store in a process of its own, and a client of it. */
export interface RunningStore {
  readonly service: ServiceProcess;
  readonly client: StoreServiceClient;
  readonly address: string;
}

/** Starts a store; it listens, and may not be ready yet. It ends with its owner. */
export async function startStore(owner: Owner, env: Readonly<Record<string, string>>): Promise<RunningStore> {
  const service = spawnService(owner, "@shop/store", env);
  const address = await addressOf(service);
  const client = new StoreServiceClient(address, credentials.createInsecure());
  owner.after(() => client.close());
  return { service, client, address };
}

/** Starts a store and waits for its table. */
export async function startReadyStore(
  owner: Owner,
  env: Readonly<Record<string, string>>,
): Promise<RunningStore> {
  const store = await startStore(owner, env);
  await untilReady(store);
  return store;
}

export async function untilReady({ service }: RunningStore): Promise<void> {
  await service.line((line) => line.msg === "table is ready");
}

type Method<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** A unary call as a promise; `started` gets the call itself, to cancel it. */
export function ask<Request, Response>(
  method: Method<Request, Response>,
  request: Request,
  options: Partial<CallOptions> = {},
  started: (call: ClientUnaryCall) => void = () => {},
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = method(request, new Metadata(), options, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
    started(call);
  });
}

/** The requests that tests make most, with everything valid that they do not name. */
export function itemsOf(client: StoreServiceClient) {
  return {
    list: (pageSize = 0, pageToken = "") => ask(client.listItems.bind(client), { pageSize, pageToken }),
    get: (id: string, options?: Partial<CallOptions>) => ask(client.getItem.bind(client), { id }, options),
    create: (request: Partial<CreateItemRequest> = {}) => {
      const fields = { id: "", name: "Perch", description: "", priceCents: 100 };
      return ask(client.createItem.bind(client), { ...fields, ...request });
    },
    update: (request: Partial<UpdateItemRequest> & { id: string }) => {
      const fields = { name: "Perch", description: "", priceCents: 100, expectedVersion: undefined };
      return ask(client.updateItem.bind(client), { ...fields, ...request });
    },
    delete: (id: string, expectedVersion?: number) =>
      ask(client.deleteItem.bind(client), { id, expectedVersion }),
  };
}
