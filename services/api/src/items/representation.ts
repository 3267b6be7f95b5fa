import type { Item } from "@shop/proto";
import { ProblemError, problem } from "../problems/problem.ts";

/** An item as `ITEM_SCHEMA` describes it. */
export interface ItemRepresentation {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/**
 * An item of the store as this API shows it.
 * @throws {ProblemError} 502 when the store left out what every item has: a store of another version may.
 */
export function represent(item: Item | undefined): ItemRepresentation {
  if (item?.createdAt === undefined || item.updatedAt === undefined) {
    throw new ProblemError(problem(502, "The store service sent an incomplete item."));
  }
  return {
    id: item.id,
    name: item.name,
    description: item.description,
    priceCents: item.priceCents,
    version: item.version,
    createdAt: item.createdAt.toISOString(),
    updatedAt: item.updatedAt.toISOString(),
  };
}
