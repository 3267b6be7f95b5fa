import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { clientGone } from "../http/gone.ts";
import { represent } from "../items/representation.ts";
import { problemResponses } from "../problems/schema.ts";
import type { Store } from "../store/client.ts";

const SCHEMA = {
  operationId: "exportItems",
  summary: "Every item, one JSON object a line",
  tags: ["items"],
  response: {
    200: {
      description: "Lines of Item. A connection that breaks off tells of an error half-way.",
      content: { "application/x-ndjson": { schema: { type: "string" } } },
    },
    ...problemResponses(),
  },
};

/** `GET /api/export` streams, so that neither side holds all items at once. */
export function exportRoute(app: FastifyInstance, store: Store): void {
  app.get("/api/export", { schema: SCHEMA }, async (_request, reply) => {
    const lines = itemLines(store, clientGone(reply));
    // The status goes out with the first line: waiting for it lets an unreachable store still be a 503.
    const first = await lines.next();
    return reply
      .type("application/x-ndjson")
      .send(Readable.from(withFirst(first, lines), { objectMode: false }));
  });
}

async function* itemLines(store: Store, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  for await (const { item } of store.exportItems(signal)) yield `${JSON.stringify(represent(item))}\n`;
}

async function* withFirst(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
