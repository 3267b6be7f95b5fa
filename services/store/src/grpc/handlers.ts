import { once } from "node:events";
import { type handleServerStreamingCall, type handleUnaryCall, status } from "@grpc/grpc-js";
import { toStatusError } from "../dynamodb/to-status-error.ts";
import { callSignal } from "./call-signal.ts";
import { StatusError } from "./status-error.ts";

/** How a call ended, for metrics and log lines. */
export interface FinishedCall {
  /** The rpc's name, such as `GetItem`. */
  readonly method: string;
  readonly code: status;
  readonly seconds: number;
  /** What the client was told, with the reason why as its `cause`; absent when OK. */
  readonly error?: StatusError;
}

/** Hears of every call once, when it is answered. */
export type CallObserver = (call: FinishedCall) => void;

/** Makes a handler that grpc-js takes of a function that returns or throws; the signal aborts when nobody waits any more. */
export function unary<Request, Response>(
  method: string,
  observe: CallObserver,
  answer: (request: Request, signal: AbortSignal) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async (call, callback) => {
    using waiting = callSignal(call);
    const error = await observed(method, observe, waiting.signal, async () => {
      callback(null, await answer(call.request, waiting.signal));
    });
    if (error !== undefined) callback({ code: error.code, details: error.message });
  };
}

/** As `unary`, for a stream of responses; reads on only as fast as the client does. */
export function serverStream<Request, Response>(
  method: string,
  observe: CallObserver,
  answer: (request: Request, signal: AbortSignal) => AsyncIterable<Response>,
): handleServerStreamingCall<Request, Response> {
  return async (call) => {
    using waiting = callSignal(call);
    const { signal } = waiting;
    const error = await observed(method, observe, signal, async () => {
      for await (const response of answer(call.request, signal)) {
        signal.throwIfAborted();
        if (!call.write(response)) await once(call, "drain", { signal });
      }
      call.end();
    });
    // grpc-js sends the status of an error event; destroying the stream would send none.
    if (error !== undefined) call.emit("error", { code: error.code, details: error.message });
  };
}

/** Runs the work and tells how it ended; the error that the client gets, if any. */
async function observed(
  method: string,
  observe: CallObserver,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<StatusError | undefined> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  try {
    await work();
    observe({ method, code: status.OK, seconds: seconds() });
    return undefined;
  } catch (thrown) {
    const error = answerTo(thrown, signal);
    observe({ method, code: error.code, seconds: seconds(), error });
    return error;
  }
}

/** What the client is told of an error. What nobody foresaw is INTERNAL, and its text stays in the log. */
function answerTo(thrown: unknown, signal: AbortSignal): StatusError {
  if (signal.aborted && signal.reason instanceof StatusError) return signal.reason;
  if (thrown instanceof StatusError) return thrown;
  const { code, message } = toStatusError(thrown) ?? UNFORESEEN;
  return new StatusError(code, message, { cause: thrown });
}

const UNFORESEEN = { code: status.INTERNAL, message: "The store failed; its log says why." };
