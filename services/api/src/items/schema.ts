import { LIMITS } from "@shop/proto";

const FIELDS = {
  name: { type: "string", ...LIMITS.name, description: "What it is called." },
  description: { type: "string", ...LIMITS.description, default: "" },
  priceCents: { type: "integer", ...LIMITS.priceCents, description: "Price in cents." },
} as const;

const ID = { type: "string", ...LIMITS.id } as const;

/** An item as this API shows it. */
export const ITEM_SCHEMA = {
  $id: "Item",
  type: "object",
  required: ["id", "name", "description", "priceCents", "version", "createdAt", "updatedAt"],
  additionalProperties: false,
  properties: {
    id: ID,
    ...FIELDS,
    version: {
      type: "integer",
      ...LIMITS.version,
      description: "Also the ETag; one more after each update.",
    },
    createdAt: { type: "string", format: "date-time" },
    updatedAt: { type: "string", format: "date-time" },
  },
} as const;

export const ITEM_PAGE_SCHEMA = {
  $id: "ItemPage",
  type: "object",
  required: ["items"],
  additionalProperties: false,
  properties: {
    items: { type: "array", items: { $ref: "Item#" } },
    nextPageToken: { type: "string", description: "Ask for the next page with it; absent on the last page." },
  },
} as const;

export const NEW_ITEM_SCHEMA = {
  $id: "NewItem",
  type: "object",
  required: ["name", "priceCents"],
  additionalProperties: false,
  properties: { id: { ...ID, description: "Absent: the store chooses one." }, ...FIELDS },
} as const;

export const ITEM_UPDATE_SCHEMA = {
  $id: "ItemUpdate",
  type: "object",
  required: ["name", "priceCents"],
  additionalProperties: false,
  properties: FIELDS,
} as const;

export const ID_PARAMS_SCHEMA = { type: "object", required: ["id"], properties: { id: ID } } as const;

export const PAGE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: {
    pageSize: { type: "integer", ...LIMITS.pageSize },
    pageToken: {
      type: "string",
      ...LIMITS.pageToken,
      default: "",
      description: "nextPageToken of the page before.",
    },
  },
} as const;

/** What the schemas let in. */
export interface ItemUpdate {
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
}

export interface NewItem extends ItemUpdate {
  readonly id?: string;
}

export interface IdParams {
  readonly id: string;
}

export interface PageQuery {
  readonly pageSize: number;
  readonly pageToken: string;
}
