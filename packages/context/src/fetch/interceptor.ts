import { SELECTOR_HEADER, TRAIL_HEADER } from "@perch/header";
import type { EndCall } from "../calls.ts";
import { pairsOf } from "../header-pairs.ts";
import { currentContext } from "../storage.ts";
import { beginCall, outcomeOf } from "./call.ts";
import { type CanaryHosts, serviceAt } from "./hosts.ts";

/** Any of undici's `Dispatcher.Dispatch`; undici's own types are left out so that it is no dependency. */
type Dispatch = (options: never, handler: never) => boolean;

interface DispatchOptions {
  readonly origin?: string | URL | null;
  readonly headers?: unknown;
}

/**
 * An interceptor for undici 7 and later, which does for a dispatcher what `createFetch` does for `fetch`:
 * `new Agent().compose(canaryInterceptor({ hosts }), interceptors.redirect())`. Compose it first, so that it sees every
 * single request; where a redirect interceptor lies beneath it, that one is switched off for requests with a selector,
 * since it would take the header along to any host.
 *
 * @throws Error at once if an entry of `hosts` is malformed.
 */
export function canaryInterceptor(options: {
  readonly hosts: CanaryHosts;
}): <D extends Dispatch>(dispatch: D) => D {
  const serviceOf = serviceAt(options.hosts);
  return <D extends Dispatch>(dispatch: D): D => {
    const intercepted = (given: DispatchOptions, handler: object): boolean => {
      const pairs = headerPairs(given.headers);
      const own = pairs
        .filter(isSelector)
        .flatMap(([, value]) => value)
        .map(String);
      const context = currentContext();
      // Of the origin alone: a path may look like another host (`//host/path`), and undici sends it to the origin all the same.
      const url = given.origin ? URL.parse(String(given.origin)) : null;
      if (url === null || (own.length === 0 && context?.value === undefined)) {
        return Reflect.apply(dispatch, undefined, [given, handler]);
      }
      const { value, end } = beginCall(url, own, context, serviceOf);
      const headers = pairs.filter((pair) => !isSelector(pair)).flat(1);
      if (value === undefined) return Reflect.apply(dispatch, undefined, [{ ...given, headers }, handler]);
      headers.push(SELECTOR_HEADER, value);
      const sent = { ...given, headers, maxRedirections: 0 };
      return Reflect.apply(dispatch, undefined, [sent, observed(handler, end)]);
    };
    return intercepted as unknown as D;
  };
}

function headerPairs(headers: unknown): [name: unknown, value: unknown][] {
  if (typeof headers !== "object" || headers === null) return [];
  if (Array.isArray(headers)) return pairsOf(headers);
  return Symbol.iterator in headers ? pairsOf([...(headers as Iterable<unknown>)]) : Object.entries(headers);
}

function isSelector([name]: [name: unknown, value: unknown]): boolean {
  return String(name).toLowerCase() === SELECTOR_HEADER;
}

/** The handler, with an eye on how its request ends; everything else goes to it as it is. */
function observed(handler: object, end: EndCall): object {
  const observers: Readonly<Record<string, (...args: readonly unknown[]) => void>> = {
    onResponseStart: (_controller, status, headers) => {
      // An interim answer, such as 103, comes before the one that counts.
      if (Number(status) >= 200) end(outcomeOf(Number(status), trailLines(headers)));
    },
    onRequestUpgrade: () => end({ kind: "answered", trail: undefined }),
    onResponseError: () => end({ kind: "unreachable" }),
  };
  return new Proxy(handler, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (typeof name === "string") observers[name]?.(...args);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

function trailLines(headers: unknown): string | string[] | undefined {
  return (headers as Record<string, string | string[] | undefined> | undefined)?.[TRAIL_HEADER];
}
