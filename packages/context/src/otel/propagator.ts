import {
  type Context,
  context,
  createContextKey,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from "@opentelemetry/api";
import { SELECTOR_HEADER } from "@perch/header";
import { notifyInvalid, type OnInvalid, readJoined } from "../received.ts";
import { type CanaryContext, storedContext, useContextSource } from "../storage.ts";

/** What the propagator needs to know. */
export interface CanaryPropagatorOptions {
  /**
   * Where the selector may go. OpenTelemetry injects into every call that it instruments, also to third parties, and
   * does not tell a propagator where a call goes. So choose: `"everywhere"` if all that this process calls is yours; or
   * a function that decides for each call from its carrier (headers or metadata so far) and its context (its span, or
   * what your code has put there).
   */
  readonly inject: "everywhere" | ((carrier: unknown, context: Context) => boolean);
  /**
   * Called for each invalid selector. Unlike the server adapters, the propagator does not add to
   * `invalidSelectorCount()`, since both may see the same request.
   */
  readonly onInvalid?: OnInvalid;
}

const CANARY = createContextKey("perch canary context");

/**
 * A propagator for `X-Canary`, so that everything that OpenTelemetry instruments carries the selector without code:
 * `new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), canaryPropagator({ inject })] })`. From then
 * on `currentSelector()` and the clients of this package also find a selector that came in through OpenTelemetry. Where
 * both carry one, this package's own counts. It carries the selector only; the trail needs the server adapters.
 */
export function canaryPropagator(options: CanaryPropagatorOptions): TextMapPropagator {
  useContextSource(() => extracted(context.active()));
  return {
    inject: (active, carrier, setter) => inject(options, active, carrier, setter),
    extract: (active, carrier, getter) => extract(options, active, carrier, getter),
    fields: () => [SELECTOR_HEADER],
  };
}

function inject<Carrier>(
  options: CanaryPropagatorOptions,
  active: Context,
  carrier: Carrier,
  setter: TextMapSetter<Carrier>,
): void {
  const value = (storedContext() ?? extracted(active))?.value;
  if (value === undefined) return;
  const allowed = options.inject === "everywhere" || options.inject(carrier, active);
  if (allowed) setter.set(carrier, SELECTOR_HEADER, value);
}

function extract<Carrier>(
  options: CanaryPropagatorOptions,
  active: Context,
  carrier: Carrier,
  getter: TextMapGetter<Carrier>,
): Context {
  const lines = [getter.get(carrier, SELECTOR_HEADER) ?? []].flat();
  if (lines.length === 0) return active;
  const canary = readJoined(lines.join(", "));
  if (canary.selector.kind === "invalid") notifyInvalid(canary.selector.reason, options.onInvalid);
  return active.setValue(CANARY, canary);
}

function extracted(active: Context): CanaryContext | undefined {
  // Nothing else has the key.
  return active.getValue(CANARY) as CanaryContext | undefined;
}
