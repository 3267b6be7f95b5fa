import type { FastifySchema } from "fastify";
import { ID_PARAMS_SCHEMA, PAGE_QUERY_SCHEMA } from "../items/schema.ts";
import { problemResponses } from "../problems/schema.ts";

const TAGS = ["items"];

const ETAG = { etag: { type: "string", description: "The item's version, for If-Match." } };

const IF_MATCH = {
  type: "object",
  properties: {
    "if-match": {
      type: "string",
      description: 'The ETag of the item that you read, such as "3", or * for any version.',
    },
  },
} as const;

/** One item, with its ETag. */
function item(description: string, headers: object = ETAG): object {
  return { description, headers, content: { "application/json": { schema: { $ref: "Item#" } } } };
}

export const LIST: FastifySchema = {
  operationId: "listItems",
  summary: "Items, a page at a time",
  tags: TAGS,
  querystring: PAGE_QUERY_SCHEMA,
  response: {
    200: { description: "A page.", content: { "application/json": { schema: { $ref: "ItemPage#" } } } },
    ...problemResponses(400),
  },
};

export const GET: FastifySchema = {
  operationId: "getItem",
  summary: "One item",
  tags: TAGS,
  params: ID_PARAMS_SCHEMA,
  response: { 200: item("The item."), ...problemResponses(400, 404) },
};

export const CREATE: FastifySchema = {
  operationId: "createItem",
  summary: "Create an item",
  tags: TAGS,
  body: { $ref: "NewItem#" },
  response: {
    201: item("The new item.", { ...ETAG, location: { type: "string", description: "Its path." } }),
    ...problemResponses(400, 409, 413, 415),
  },
};

export const REPLACE: FastifySchema = {
  operationId: "replaceItem",
  summary: "Replace an item, if nobody else did meanwhile",
  tags: TAGS,
  params: ID_PARAMS_SCHEMA,
  headers: IF_MATCH,
  body: { $ref: "ItemUpdate#" },
  response: { 200: item("The item as it is now."), ...problemResponses(400, 404, 412, 413, 415, 428) },
};

export const DELETE: FastifySchema = {
  operationId: "deleteItem",
  summary: "Delete an item",
  tags: TAGS,
  params: ID_PARAMS_SCHEMA,
  headers: IF_MATCH,
  response: { 204: { description: "It is gone.", type: "null" }, ...problemResponses(400, 404, 412) },
};
