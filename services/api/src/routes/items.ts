import type { Item } from "@shop/proto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { clientGone } from "../http/gone.ts";
import { etag, expectedVersion, requireIfMatch } from "../items/etag.ts";
import { type ItemRepresentation, represent } from "../items/representation.ts";
import type { IdParams, ItemUpdate, NewItem, PageQuery } from "../items/schema.ts";
import type { Store } from "../store/client.ts";
import { CREATE, DELETE, GET, LIST, REPLACE } from "./items.schema.ts";

/** `/api/items`: each route reads the request, asks the store, and shows what it said. */
export function itemRoutes(app: FastifyInstance, store: Store): void {
  app.get<{ Querystring: PageQuery }>("/api/items", { schema: LIST }, async ({ query }, reply) => {
    const { items, nextPageToken } = await store.listItems(query, clientGone(reply));
    return { items: items.map(represent), ...(nextPageToken === "" ? {} : { nextPageToken }) };
  });

  app.get<{ Params: IdParams }>("/api/items/:id", { schema: GET }, async ({ params }, reply) => {
    const { item } = await store.getItem({ id: params.id }, clientGone(reply));
    return tagged(item, reply);
  });

  app.post<{ Body: NewItem }>("/api/items", { schema: CREATE }, async ({ body }, reply) => {
    const { item } = await store.createItem({ ...body, id: body.id ?? "" }, clientGone(reply));
    const created = tagged(item, reply);
    reply.code(201).header("location", `/api/items/${created.id}`);
    return created;
  });

  app.put<{ Params: IdParams; Body: ItemUpdate }>(
    "/api/items/:id",
    { schema: REPLACE },
    async (request, reply) => {
      const { params, body, headers } = request;
      requireIfMatch(headers["if-match"]);
      const update = { ...body, id: params.id, expectedVersion: expectedVersion(headers["if-match"]) };
      const { item } = await store.updateItem(update, clientGone(reply));
      return tagged(item, reply);
    },
  );

  app.delete<{ Params: IdParams }>("/api/items/:id", { schema: DELETE }, async (request, reply) => {
    const { params, headers } = request;
    const expected = expectedVersion(headers["if-match"]);
    await store.deleteItem({ id: params.id, expectedVersion: expected }, clientGone(reply));
    return reply.code(204).send();
  });
}

function tagged(item: Item | undefined, reply: FastifyReply): ItemRepresentation {
  const shown = represent(item);
  reply.header("etag", etag(shown.version));
  return shown;
}
