import type { Item } from "@shop/proto";
import type { StoredItem } from "./item.ts";

/** An item as clients see it. */
export function toMessage(item: StoredItem): Item {
  return {
    id: item.id,
    name: item.name,
    description: item.description,
    priceCents: item.priceCents,
    version: item.version,
    createdAt: new Date(item.createdAt),
    updatedAt: new Date(item.updatedAt),
  };
}
