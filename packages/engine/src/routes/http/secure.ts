import type { IncomingMessage, ServerOptions } from "node:http";
import { createSecureServer as createHttp2Server, type Http2SecureServer } from "node:http2";
import type { ServerCertificate } from "../tls/certificate.ts";
import { MAX_HEADER_SIZE } from "./limits.ts";

/** Milliseconds for a TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000;

const KIB = 1024;

/**
 * What one connection may take: 100 streams, as browsers expect, each with at most 256 KiB that nobody read yet. Node's own
 * limits hold for streams that are opened and reset at once, for empty frames and for settings.
 */
const LIMITS = {
  settings: { maxConcurrentStreams: 100, initialWindowSize: 256 * KIB, maxHeaderListSize: MAX_HEADER_SIZE },
  /** MB: left to the windows above; Node's 10 would refuse streams while slow readers wait. */
  maxSessionMemory: 64,
  maxHeaderListPairs: 2_000,
  strictSingleValueFields: false,
};

/** TLS 1.2 and later; HTTP/2 to clients that ask for it by ALPN (RFC 7301), HTTP/1.1 to all others. */
export function createSecureServer(
  certificate: ServerCertificate,
  options: ServerOptions,
  shouldUpgradeCallback: (req: IncomingMessage) => boolean,
): Http2SecureServer {
  const server = createHttp2Server({
    ...LIMITS,
    ...certificate.current(),
    minVersion: "TLSv1.2",
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    allowHTTP1: true,
    // As options of the server's own in Node before 24.18.
    ...options,
    ...{ http1Options: options },
  });
  Object.assign(server, { shouldUpgradeCallback });
  const forget = certificate.onChange((next) => server.setSecureContext({ ...next, minVersion: "TLSv1.2" }));
  server.once("close", forget);
  return server;
}
