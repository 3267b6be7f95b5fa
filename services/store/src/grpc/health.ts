import type { Server, ServerWritableStream } from "@grpc/grpc-js";
import { StoreServiceService } from "@shop/proto";
import { HealthImplementation } from "grpc-health-check";

/** What the server says of itself, https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
export interface Health {
  addTo(server: Server): void;
  /** Tells the state of the whole server, and of the service by its name. */
  setServing(serving: boolean): void;
  /** Ends the watches. They would hold up a stop, since a watch has no end of its own. */
  endWatches(): void;
}

/** Health names: the empty one stands for the whole server. */
const NAMES = ["", StoreServiceService.getItem.path.split("/")[1] ?? ""];

/** NOT_SERVING until it is told otherwise. */
export function createHealth(): Health {
  const health = new HealthImplementation(Object.fromEntries(NAMES.map((name) => [name, "NOT_SERVING"])));
  const watches = new Set<ServerWritableStream<unknown, unknown>>();

  return {
    addTo(server) {
      health.addToServer({
        addService(definition, methods) {
          const watch = methods.watch as (call: ServerWritableStream<unknown, unknown>) => void;
          server.addService(definition, {
            ...methods,
            watch(call: ServerWritableStream<unknown, unknown>) {
              watches.add(call);
              call.once("close", () => watches.delete(call));
              watch(call);
            },
          });
        },
      });
    },
    setServing(serving) {
      for (const name of NAMES) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
    endWatches() {
      for (const watch of watches) watch.end();
    },
  };
}
