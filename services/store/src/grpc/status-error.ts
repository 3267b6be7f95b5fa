import type { status } from "@grpc/grpc-js";

/** An answer to a call that is not OK; its message is for the client to read. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: status;

  constructor(code: status, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
