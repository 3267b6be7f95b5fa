import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableStatus,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** Milliseconds between two looks at a table that is being created. */
const POLL = 100;

/**
 * Returns when the table can be used; creates it if it is absent. Stable and canary may do so at once: one creates, the
 * others wait for it.
 * @returns whether this call created it.
 */
export async function ensureTable(
  db: DynamoDBDocumentClient,
  table: string,
  signal: AbortSignal,
): Promise<{ readonly created: boolean }> {
  let created = false;
  for (;;) {
    const state = await tableStatus(db, table, signal);
    if (state === "ACTIVE" || state === "UPDATING") return { created };
    if (state === undefined) created = (await createTable(db, table, signal)) || created;
    else await sleep(POLL, undefined, { signal });
  }
}

async function tableStatus(
  db: DynamoDBDocumentClient,
  table: string,
  signal: AbortSignal,
): Promise<TableStatus | undefined> {
  try {
    const { Table } = await db.send(new DescribeTableCommand({ TableName: table }), { abortSignal: signal });
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** False when another process was faster. */
async function createTable(db: DynamoDBDocumentClient, table: string, signal: AbortSignal): Promise<boolean> {
  const create = new CreateTableCommand({
    TableName: table,
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  try {
    await db.send(create, { abortSignal: signal });
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}
