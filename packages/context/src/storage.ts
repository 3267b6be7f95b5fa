import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import type { Selector, SelectorResult } from "@perch/header";
import type { CallRecorder } from "./calls.ts";

/** What one request, job or message carries through the process. */
export interface CanaryContext {
  readonly selector: SelectorResult;
  /** The selector to send on and to echo, as received and without outer white space; absent unless it is valid. */
  readonly value?: string;
  readonly calls: CallRecorder;
}

/** Finds a context that something else than this package carries, such as OpenTelemetry. */
export type ContextSource = () => CanaryContext | undefined;

const storage = new AsyncLocalStorage<CanaryContext | undefined>();
let otherSource: ContextSource | undefined;

/** The context that this package itself carries here, if any. */
export function storedContext(): CanaryContext | undefined {
  return storage.getStore();
}

/** The context here: this package's own, or else the one of another source. */
export function currentContext(): CanaryContext | undefined {
  return storage.getStore() ?? otherSource?.();
}

/** Makes `source` the one to ask where this package itself carries nothing. */
export function useContextSource(source: ContextSource): void {
  otherSource = source;
}

/**
 * Runs `body` in `context`; `undefined` is a request without a selector. That matters where the surrounding context
 * is another request's: events of a shared connection run in the context of whoever opened it.
 */
export function runInContext<T>(context: CanaryContext | undefined, body: () => T): T {
  return storage.getStore() === context ? body() : storage.run(context, body);
}

/**
 * A place to which events are brought back that Node or a library emits elsewhere, such as in the context of whoever opened the
 * connection: where it was made, with all that asynchronous storage carries there. To enter a context anew for each event would
 * cost twenty times as much.
 */
export class Scope extends AsyncResource {
  readonly #context = storage.getStore();

  constructor() {
    super("PERCH_SCOPE");
  }

  run(body: () => void): void {
    if (storage.getStore() === this.#context) body();
    else this.runInAsyncScope(body);
  }

  /**
   * Makes all listeners of `emitter` run here. Needed because Node emits the events of a request's and a response's stream in
   * the context of their connection.
   */
  emitHere(emitter: EventEmitter): void {
    const { emit } = emitter;
    emitter.emit = (...event: Parameters<EventEmitter["emit"]>) =>
      storage.getStore() === this.#context
        ? Reflect.apply(emit, emitter, event)
        : this.runInAsyncScope(emit, emitter, ...event);
  }
}

/** The selector of the request that is being served here; `undefined` if it has none or an invalid one. */
export function currentSelector(): Selector | undefined {
  const selector = currentContext()?.selector;
  return selector?.kind === "valid" ? selector.selector : undefined;
}

/**
 * The value to send on, for carriers that this package has no adapter for (a message's attribute, a job's row);
 * `undefined` if there is no valid selector here. {@link runWithSelector} takes it up at the other end.
 */
export function outgoingSelector(): string | undefined {
  return currentContext()?.value;
}
