import { type ErrorCode, PerchError, parseShareLink, type TryRequest } from "@perch/core";
import { explainInvalid, formatSelector, parseSelector } from "@perch/header";

/** Bytes of a body to send. */
export const MAX_BODY = 64 * 1024;
const MAX_PATH = 4096;
const METHODS: readonly unknown[] = ["GET", "HEAD", "POST"];
const KEYS = new Set(["method", "path", "host", "selector", "body", "contentType"]);
const MEDIA_TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,60}(?:; ?charset=[\w-]{1,20})?$/i;

/**
 * Reads what is to be tried, from hostile JSON.
 * @param edgeHosts lower case, without port; they and their share links are all that may be asked for.
 * @throws PerchError USAGE, INVALID_SELECTOR
 */
export function readTryRequest(json: unknown, edgeHosts: readonly string[]): TryRequest {
  if (typeof json !== "object" || json === null || Object.keys(json).some((key) => !KEYS.has(key)))
    throw refusal(`The body is not a JSON object with members among ${[...KEYS].join(", ")}.`);
  const fields: Partial<Record<keyof TryRequest, unknown>> = json;
  const method = fields.method ?? "GET";
  if (!METHODS.includes(method)) throw refusal("The method is none of GET, HEAD and POST.");
  const host = textOf(fields, "host");
  const selector = textOf(fields, "selector");
  const body = textOf(fields, "body");
  const contentType = textOf(fields, "contentType");
  if (host !== undefined && !isEdgeHost(host, edgeHosts))
    throw refusal(`The host is none of the edge's: ${edgeHosts.join(", ")}, and share links below them.`);
  if (body !== undefined && (method !== "POST" || Buffer.byteLength(body) > MAX_BODY))
    throw refusal(`A body goes with POST only, and has at most ${MAX_BODY} bytes.`);
  if (contentType !== undefined && !MEDIA_TYPE.test(contentType))
    throw refusal("The content type is not one such as application/json.");
  return {
    method: method as TryRequest["method"],
    path: pathOf(fields.path),
    ...(host === undefined ? {} : { host }),
    ...(selector === undefined ? {} : { selector: checkedSelector(selector) }),
    ...(body === undefined ? {} : { body }),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

function textOf(
  fields: Partial<Record<keyof TryRequest, unknown>>,
  key: keyof TryRequest,
): string | undefined {
  const value = fields[key];
  if (value === undefined || typeof value === "string") return value;
  throw refusal(`${key} is not a text.`);
}

/** A path cannot lead elsewhere: only the engine's own edge is ever connected to. */
function pathOf(path: unknown): string {
  if (typeof path === "string" && path.length <= MAX_PATH && /^\/[\x21-\x7e]*$/.test(path)) return path;
  throw refusal(
    `The path does not begin with "/", has a character that must be percent-encoded, or is over ${MAX_PATH} long.`,
  );
}

function isEdgeHost(host: string, edgeHosts: readonly string[]): boolean {
  return (
    edgeHosts.includes(host.toLowerCase()) ||
    (/^[\w.-]+$/.test(host) && parseShareLink(host, edgeHosts) !== undefined)
  );
}

function checkedSelector(text: string): string {
  const result = parseSelector([text]);
  if (result.kind === "valid") return formatSelector(result.selector);
  const why = result.kind === "invalid" ? explainInvalid(result.reason) : "The selector is empty.";
  throw refusal(why, "INVALID_SELECTOR");
}

function refusal(message: string, code: ErrorCode = "USAGE"): PerchError {
  const hint = 'For example {"method":"GET","path":"/","selector":"123"}';
  return new PerchError({ code, message, hint, fault: "user" });
}
