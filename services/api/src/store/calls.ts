import {
  type CallOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { StoreError } from "./store-error.ts";

/** A method of a generated client, in the form that takes everything. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** Calls with a deadline of `timeout` milliseconds from now; the signal cancels it. Rejects with StoreError only. */
export function callUnary<Request, Response>(
  name: string,
  method: UnaryMethod<Request, Response>,
  request: Request,
  timeout: number,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const cancel = () => call.cancel();
    const call = method(request, new Metadata(), { deadline: Date.now() + timeout }, (error, response) => {
      signal.removeEventListener("abort", cancel);
      if (error === null) resolve(response);
      else reject(new StoreError(name, error));
    });
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
}

/** The messages of a stream, read only as fast as they are taken; leaving the loop cancels the call. */
export async function* readStream<Response>(
  name: string,
  stream: ClientReadableStream<Response>,
  signal: AbortSignal,
): AsyncGenerator<Response, void, undefined> {
  const cancel = () => stream.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of stream) yield message as Response;
  } catch (error) {
    throw isServiceError(error) ? new StoreError(name, error) : error;
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "details" in error;
}
