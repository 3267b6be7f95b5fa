/** An item as the store keeps it. */
export interface StoredItem {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  /** 1 when created, one more after each update. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

/** What a client says of an item. */
export type ItemFields = Pick<StoredItem, "name" | "description" | "priceCents">;
