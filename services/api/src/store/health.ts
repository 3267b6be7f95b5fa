import type { Client } from "@grpc/grpc-js";
import { service as health } from "grpc-health-check";
import { callUnary, type UnaryMethod } from "./calls.ts";

/** Milliseconds: shorter than the second that probes usually have. */
const TIMEOUT = 800;

/** Asks the whole server, https://github.com/grpc/grpc/blob/master/doc/health-checking.md. No answer is "no". */
export async function checkHealth(client: Client, signal: AbortSignal): Promise<boolean> {
  const { Check } = health;
  if (Check === undefined) throw new TypeError("grpc-health-check has no method Check.");
  const method: UnaryMethod<object, unknown> = (request, metadata, options, callback) =>
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      request,
      metadata,
      options,
      (error, response) => callback(error, response),
    );
  try {
    const answer = await callUnary("Check", method, { service: "" }, TIMEOUT, signal);
    return (answer as { status?: unknown }).status === "SERVING";
  } catch {
    return false;
  }
}
