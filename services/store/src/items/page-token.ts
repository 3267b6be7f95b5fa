import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import { isId } from "./validate.ts";

// Names the form, so that a later form is told apart and an old token is refused rather than misread.
const FORM = "1:";

/** A token for the page after an item. Opaque: clients must not read it, and may keep it for as long as they like. */
export function pageTokenAfter(id: string): string {
  return Buffer.from(FORM + id).toString("base64url");
}

/**
 * The id after which the page starts; undefined for the first page.
 * @throws {StatusError} INVALID_ARGUMENT when the token is none of ours.
 */
export function readPageToken(token: string): string | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const id = text.slice(FORM.length);
  // Decoding forgives: only a token that encodes back to itself was made here.
  if (text.startsWith(FORM) && isId(id) && pageTokenAfter(id) === token) return id;
  throw new StatusError(
    status.INVALID_ARGUMENT,
    "The page token is not one that this service gave: use the one that came with the page before, or none.",
  );
}
