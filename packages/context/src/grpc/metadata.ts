import type { Metadata } from "@grpc/grpc-js";
import { SELECTOR_HEADER } from "@perch/header";
import { valueToSend } from "../outgoing.ts";
import { contextOfJoined, type OnInvalid } from "../received.ts";
import type { CanaryContext } from "../storage.ts";

/** All values of a text key, in order. */
export function textValues(metadata: Metadata, key: string): string[] {
  return metadata.get(key).filter((value) => typeof value === "string");
}

/** The context of a call that came in with this metadata; `undefined` if it has no selector. */
export function contextOfMetadata(metadata: Metadata, onInvalid?: OnInvalid): CanaryContext | undefined {
  const values = textValues(metadata, SELECTOR_HEADER);
  // HTTP/2 in Node joins repeated keys with ", " already; joining what is left makes it one form.
  return values.length === 0 ? undefined : contextOfJoined(values.join(", "), onInvalid);
}

/** The metadata to send. The caller's object is not changed, since callers share one between calls. */
export function withSelector(metadata: Metadata, context: CanaryContext | undefined): Metadata {
  const own = textValues(metadata, SELECTOR_HEADER);
  const value = valueToSend(context, own);
  if (value === undefined && own.length === 0) return metadata;
  const sent = metadata.clone();
  if (value === undefined) sent.remove(SELECTOR_HEADER);
  else sent.set(SELECTOR_HEADER, value);
  return sent;
}
