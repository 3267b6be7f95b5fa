import { Client, type Metadata, Metadata as NewMetadata, type ServiceDefinition } from "@grpc/grpc-js";

const bytes = (value: Buffer) => value;

/** One unary method that answers who served; bytes, so that no schema is needed. */
export function truthService(service: string): ServiceDefinition {
  return {
    who: {
      path: whoPath(service),
      requestStream: false,
      responseStream: false,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  };
}

/** The standard health service, always SERVING: https://github.com/grpc/grpc/blob/master/doc/health-checking.md. */
export const HEALTH_SERVICE: ServiceDefinition = {
  check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
};

/** `HealthCheckResponse{status: SERVING}`. */
export const SERVING = Buffer.from([0x08, 0x01]);

function whoPath(service: string): string {
  return `/truth.v1.${service}/Who`;
}

/** What came back: the label of who served, and the trailers. */
export interface Who {
  readonly label: string;
  readonly trailers: Metadata;
}

export class TruthClient extends Client {
  readonly #path: string;

  constructor(service: string, ...options: ConstructorParameters<typeof Client>) {
    super(...options);
    this.#path = whoPath(service);
  }

  /** @throws ServiceError within five seconds */
  who(metadata: Metadata = new NewMetadata()): Promise<Who> {
    const { promise, resolve, reject } = Promise.withResolvers<Who>();
    let label = "";
    const options = { deadline: Date.now() + 5000 };
    const call = this.makeUnaryRequest(
      this.#path,
      bytes,
      bytes,
      Buffer.alloc(0),
      metadata,
      options,
      (error, value) => {
        if (error !== null) return reject(error);
        label = String(value);
      },
    );
    call.on("status", (status) => {
      if (status.code === 0) resolve({ label, trailers: status.metadata });
    });
    return promise;
  }
}
