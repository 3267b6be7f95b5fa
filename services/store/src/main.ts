import { createRegistry, runService, serveMetrics } from "@shop/common";
import { readConfig } from "./config.ts";
import { connectToDynamoDB } from "./dynamodb/client.ts";
import { listen } from "./grpc/server.ts";
import { createRepository } from "./items/repository.ts";
import { observeCalls } from "./metrics.ts";
import { prepareTable } from "./prepare.ts";
import { createStoreService } from "./service.ts";

await runService("store", async ({ env, identity, log, grace }) => {
  const config = readConfig(env);
  const registry = createRegistry(identity);
  const db = connectToDynamoDB();
  const items = createRepository(db, config.table);
  const table = prepareTable(db, items, config, log);
  const service = createStoreService({ items, isReady: table.isReady, observe: observeCalls(registry, log) });
  const server = await listen(service, identity, config.host, config.port);
  const metrics = await serveMetrics(registry, config.host, config.metricsPort);
  log.info({ host: config.host, port: server.port, metricsPort: metrics?.port }, "listening");
  const healthy = table.ready.then((ready) => server.setServing(ready));

  return {
    async stop() {
      table.stop();
      await healthy;
      await server.stop(grace);
      await metrics?.close();
      db.destroy();
    },
  };
});
