import type { ServiceError, status } from "@grpc/grpc-js";

/** A call to the store that did not end with OK. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: status;
  /** What the store, or the gRPC client when nobody answered, says of it. */
  readonly details: string;

  constructor(method: string, error: ServiceError) {
    super(`${method}: ${error.message}`, { cause: error });
    this.code = error.code;
    this.details = error.details;
  }
}
