import { type ClientOptions, credentials, Metadata } from "@grpc/grpc-js";
import { canaryClientInterceptor } from "@perch/context/grpc";
import {
  type CreateItemRequest,
  type CreateItemResponse,
  type DeleteItemRequest,
  type DeleteItemResponse,
  type ExportItemsResponse,
  type GetItemRequest,
  type GetItemResponse,
  type ListItemsRequest,
  type ListItemsResponse,
  StoreServiceClient,
  type UpdateItemRequest,
  type UpdateItemResponse,
} from "@shop/proto";
import { callUnary, readStream } from "./calls.ts";
import { checkHealth } from "./health.ts";

/** The store service. Every call rejects with StoreError, has a deadline, and is cancelled by its signal. */
export interface Store {
  listItems(request: ListItemsRequest, signal: AbortSignal): Promise<ListItemsResponse>;
  getItem(request: GetItemRequest, signal: AbortSignal): Promise<GetItemResponse>;
  createItem(request: CreateItemRequest, signal: AbortSignal): Promise<CreateItemResponse>;
  updateItem(request: UpdateItemRequest, signal: AbortSignal): Promise<UpdateItemResponse>;
  deleteItem(request: DeleteItemRequest, signal: AbortSignal): Promise<DeleteItemResponse>;
  exportItems(signal: AbortSignal): AsyncGenerator<ExportItemsResponse, void, undefined>;
  /** Whether it answers SERVING to a health check. */
  isServing(signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** An export reads everything: it may take this many times as long as one call. */
const EXPORT_FACTOR = 20;

/**
 * Milliseconds. The channel's own first back-off of a second would outlast most restarts of a store; and without pings a
 * connection to a machine that is gone stays in use until TCP gives up, a quarter of an hour later.
 */
const CHANNEL: ClientOptions = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 3_000,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
};

/**
 * Connects when it is first called.
 * @param address `host:port` of the apex service.
 * @param timeout deadline of one call, in milliseconds.
 */
export function connectToStore(address: string, timeout: number): Store {
  const client = new StoreServiceClient(address, credentials.createInsecure(), {
    ...CHANNEL,
    interceptors: [canaryClientInterceptor({ service: "store" })],
  });
  return {
    listItems: (request, signal) =>
      callUnary("ListItems", client.listItems.bind(client), request, timeout, signal),
    getItem: (request, signal) => callUnary("GetItem", client.getItem.bind(client), request, timeout, signal),
    createItem: (request, signal) =>
      callUnary("CreateItem", client.createItem.bind(client), request, timeout, signal),
    updateItem: (request, signal) =>
      callUnary("UpdateItem", client.updateItem.bind(client), request, timeout, signal),
    deleteItem: (request, signal) =>
      callUnary("DeleteItem", client.deleteItem.bind(client), request, timeout, signal),
    exportItems(signal) {
      const deadline = Date.now() + timeout * EXPORT_FACTOR;
      return readStream("ExportItems", client.exportItems({}, new Metadata(), { deadline }), signal);
    },
    isServing: (signal) => checkHealth(client, signal),
    close: () => client.close(),
  };
}
