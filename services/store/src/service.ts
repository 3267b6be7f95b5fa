import { randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { LIMITS, type StoreServiceServer } from "@shop/proto";
import { type CallObserver, serverStream, unary } from "./grpc/handlers.ts";
import { StatusError } from "./grpc/status-error.ts";
import { pageTokenAfter, readPageToken } from "./items/page-token.ts";
import type { Repository } from "./items/repository.ts";
import { toMessage } from "./items/to-message.ts";
import { checkExpectedVersion, checkFields, checkId, checkPageSize } from "./items/validate.ts";

/** What the service works with. */
export interface ServiceParts {
  readonly items: Repository;
  /** Whether the table is there. */
  readonly isReady: () => boolean;
  readonly observe: CallObserver;
}

/** `store.v1.StoreService` over a repository: checks what came in, does it, says it as a message. */
export function createStoreService(parts: ServiceParts): StoreServiceServer {
  const { observe } = parts;
  const items = () => readyItems(parts);

  return {
    listItems: unary("ListItems", observe, async (request, signal) => {
      const size = checkPageSize(request.pageSize);
      const page = await items().list(size, readPageToken(request.pageToken), signal);
      const nextPageToken = page.next === undefined ? "" : pageTokenAfter(page.next);
      return { items: page.items.map(toMessage), nextPageToken };
    }),

    getItem: unary("GetItem", observe, async ({ id }, signal) => {
      return { item: toMessage(await items().get(checkId(id), signal)) };
    }),

    createItem: unary("CreateItem", observe, async (request, signal) => {
      const id = request.id === "" ? randomUUID() : checkId(request.id);
      return { item: toMessage(await items().create(id, checkFields(request), signal)) };
    }),

    updateItem: unary("UpdateItem", observe, async (request, signal) => {
      const expected = checkExpectedVersion(request.expectedVersion);
      const item = await items().update(checkId(request.id), checkFields(request), expected, signal);
      return { item: toMessage(item) };
    }),

    deleteItem: unary("DeleteItem", observe, async (request, signal) => {
      await items().delete(checkId(request.id), checkExpectedVersion(request.expectedVersion), signal);
      return {};
    }),

    exportItems: serverStream("ExportItems", observe, async function* (_request, signal) {
      for (let after: string | undefined, more = true; more; ) {
        const page = await items().list(LIMITS.pageSize.maximum, after, signal);
        for (const item of page.items) yield { item: toMessage(item) };
        after = page.next;
        more = after !== undefined;
      }
    }),
  };
}

function readyItems({ items, isReady }: ServiceParts): Repository {
  if (isReady()) return items;
  throw new StatusError(
    status.UNAVAILABLE,
    "The store is starting and has no table yet: try again in a moment.",
  );
}
