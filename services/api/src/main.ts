import { createRegistry, runService } from "@shop/common";
import { readConfig } from "./config.ts";
import { createServer } from "./http/server.ts";
import { readinessAfter } from "./readiness.ts";
import { connectToStore } from "./store/client.ts";

await runService("api", async ({ env, identity, log, grace }) => {
  const config = readConfig(env);
  const registry = createRegistry(identity);
  const store = connectToStore(config.store.address, config.store.timeout);
  const readiness = readinessAfter((signal) => store.isServing(signal));
  const server = await createServer({ identity, log, registry, store, readiness, origins: config.origins });
  const port = await server.listen(config.host, config.port);
  log.info({ host: config.host, port, store: config.store.address }, "listening");

  return {
    async stop() {
      await server.stop(grace);
      store.close();
    },
  };
});
