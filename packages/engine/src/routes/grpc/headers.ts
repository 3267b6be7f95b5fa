import { SELECTOR_HEADER } from "@perch/header";

/** Headers as Node reports them: name, value, name, value, with repeated lines apart. */
export type RawHeaders = readonly string[];

/** Every `x-canary` line of a call. */
export function selectorLines(raw: RawHeaders): string[] {
  const lines: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i] === SELECTOR_HEADER) lines.push(raw[i + 1] ?? "");
  }
  return lines;
}

/** Whether a call says that it is gRPC; `application/grpc+proto` and the like count. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType?.startsWith("application/grpc") ?? false;
}
