import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import type { ItemFields, StoredItem } from "./item.ts";

/** Some items, and where to go on. */
export interface Page {
  readonly items: readonly StoredItem[];
  /** The id after which the next page starts; absent on the last page. */
  readonly next?: string;
}

/** Items in one DynamoDB table. Every call ends when its signal aborts, and throws what the SDK throws then. */
export interface Repository {
  /** Items in the table's own order, which stays the same from page to page. */
  list(size: number, after: string | undefined, signal: AbortSignal): Promise<Page>;
  /** @throws {StatusError} NOT_FOUND */
  get(id: string, signal: AbortSignal): Promise<StoredItem>;
  /** @throws {StatusError} ALREADY_EXISTS */
  create(id: string, fields: ItemFields, signal: AbortSignal): Promise<StoredItem>;
  /** @throws {StatusError} NOT_FOUND, or ABORTED when the version is another than `expected` */
  update(
    id: string,
    fields: ItemFields,
    expected: number | undefined,
    signal: AbortSignal,
  ): Promise<StoredItem>;
  /** @throws {StatusError} NOT_FOUND, or ABORTED when the version is another than `expected` */
  delete(id: string, expected: number | undefined, signal: AbortSignal): Promise<void>;
}

/** Reads are consistent: what a client wrote, it reads, whichever variant answers. */
export function createRepository(db: DynamoDBDocumentClient, table: string): Repository {
  const find = (id: string, signal: AbortSignal) => findItem(db, table, id, signal);

  return {
    list: (size, after, signal) => scanPage(db, table, size, after, signal),

    async get(id, signal) {
      return (await find(id, signal)) ?? notFound(id);
    },

    async create(id, fields, signal) {
      const now = new Date().toISOString();
      const item: StoredItem = { id, ...fields, version: 1, createdAt: now, updatedAt: now };
      const put = new PutCommand({
        TableName: table,
        Item: item,
        ConditionExpression: "attribute_not_exists(id)",
      });
      await db.send(put, { abortSignal: signal }).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        throw new StatusError(status.ALREADY_EXISTS, `There is an item "${id}" already.`);
      });
      return item;
    },

    async update(id, fields, expected, signal) {
      const update = new UpdateCommand({
        TableName: table,
        Key: { id },
        UpdateExpression:
          "SET #name = :name, description = :description, priceCents = :price, updatedAt = :now ADD version :one",
        ConditionExpression: condition(expected),
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: {
          ":name": fields.name,
          ":description": fields.description,
          ":price": fields.priceCents,
          ":now": new Date().toISOString(),
          ":one": 1,
          ...expectedValue(expected),
        },
        ReturnValues: "ALL_NEW",
      });
      const { Attributes } = await db
        .send(update, { abortSignal: signal })
        .catch((error: unknown) => explainRefusal(error, id, () => find(id, signal)));
      return Attributes as StoredItem;
    },

    async delete(id, expected, signal) {
      const values = expectedValue(expected);
      const remove = new DeleteCommand({
        TableName: table,
        Key: { id },
        ConditionExpression: condition(expected),
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      });
      await db
        .send(remove, { abortSignal: signal })
        .catch((error: unknown) => explainRefusal(error, id, () => find(id, signal)));
    },
  };
}

async function findItem(
  db: DynamoDBDocumentClient,
  table: string,
  id: string,
  signal: AbortSignal,
): Promise<StoredItem | undefined> {
  const get = new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true });
  const { Item } = await db.send(get, { abortSignal: signal });
  return Item as StoredItem | undefined;
}

async function scanPage(
  db: DynamoDBDocumentClient,
  table: string,
  size: number,
  after: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const scan = new ScanCommand({
    TableName: table,
    // One more than asked for tells whether a page follows, so that the last page never is an empty one.
    Limit: size + 1,
    ConsistentRead: true,
    ...(after === undefined ? {} : { ExclusiveStartKey: { id: after } }),
  });
  const { Items = [], LastEvaluatedKey } = await db.send(scan, { abortSignal: signal });
  const found = Items as StoredItem[];
  const items = found.slice(0, size);
  const last = items.at(-1)?.id;
  const more = found.length > size || LastEvaluatedKey !== undefined;
  return more && last !== undefined ? { items, next: last } : { items };
}

function condition(expected: number | undefined): string {
  return expected === undefined ? "attribute_exists(id)" : "attribute_exists(id) AND version = :expected";
}

function expectedValue(expected: number | undefined): Record<string, number> | undefined {
  return expected === undefined ? undefined : { ":expected": expected };
}

/** Says why a conditional write was refused; any other error is thrown on. */
async function explainRefusal(
  error: unknown,
  id: string,
  findAgain: () => Promise<StoredItem | undefined>,
): Promise<never> {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  const current = await findAgain();
  if (current === undefined) return notFound(id);
  throw new StatusError(
    status.ABORTED,
    `Item "${id}" has changed: its version is ${current.version} now. Read it again and repeat the change.`,
  );
}

function notFound(id: string): never {
  throw new StatusError(status.NOT_FOUND, `There is no item "${id}".`);
}
