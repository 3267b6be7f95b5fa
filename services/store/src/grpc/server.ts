import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import type { Identity } from "@perch/context";
import { canaryServerInterceptor } from "@perch/context/grpc";
import { type StoreServiceServer, StoreServiceService } from "@shop/proto";
import { createHealth } from "./health.ts";
import { createReflection } from "./reflection.ts";

/** A gRPC server that listens. */
export interface ListeningServer {
  readonly port: number;
  /** What health checks answer, for the whole server and for the service by its name. */
  setServing(serving: boolean): void;
  /** Says NOT_SERVING and takes no new call; waits for those in flight up to `grace` milliseconds, then ends them. */
  stop(grace: number): Promise<void>;
}

/** Serves the store over cleartext HTTP/2 with health and reflection; NOT_SERVING until it is told otherwise. */
export async function listen(
  service: StoreServiceServer,
  identity: Identity,
  host: string,
  port: number,
): Promise<ListeningServer> {
  const options: ServerOptions = { interceptors: [canaryServerInterceptor({ identity })] };
  const server = new Server(options);
  const health = createHealth();
  server.addService(StoreServiceService, service);
  health.addTo(server);
  createReflection().addToServer(server);
  const bound = await bind(server, host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  return {
    port: bound,
    setServing: health.setServing,
    async stop(grace) {
      health.setServing(false);
      health.endWatches();
      await stop(server, grace);
    },
  };
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`It cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  });
}

function stop(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), grace);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
