import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromDebian } from "../../support/debian.ts";
import { nginxConfig } from "../support/nginx.ts";
import { CORES, type Pinned, startPinned } from "../support/pinned.ts";

const ITEM = {
  id: { S: "mug" },
  name: { S: "Mug" },
  description: { S: "Holds 300 ml." },
  priceCents: { N: "1250" },
  version: { N: "1" },
  createdAt: { S: "2026-01-01T00:00:00.000Z" },
  updatedAt: { S: "2026-01-01T00:00:00.000Z" },
};

/** What every call of DynamoDB is told, whatever it asks for: a table that is there, and one item. */
const ANSWER = {
  Table: { TableName: "items", TableStatus: "ACTIVE" },
  Item: ITEM,
  Items: [ITEM],
  Count: 1,
  ScannedCount: 1,
};

/** A database that costs next to nothing: what is left is the store's own work. */
export async function startDatabase(folder: string, port: number): Promise<Pinned> {
  const nginx = await fromDebian("nginx");
  const file = join(folder, "nginx.conf");
  const body = JSON.stringify(ANSWER);
  await writeFile(file, nginxConfig(folder, port, { type: "application/x-amz-json-1.0", body }));
  return startPinned([nginx, "-c", file, "-p", folder, "-e", "stderr"], { core: CORES.others, port });
}
