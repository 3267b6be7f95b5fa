import { resolve } from "node:path";
import { PerchError } from "@perch/core";
import type { EngineOptions } from "@perch/engine";
import type { UpFlags } from "../commands/up.ts";

type FrontOptions = Pick<
  EngineOptions,
  "tls" | "redirectPort" | "trustedProxies" | "publicUrl" | "statusNames"
>;

/** The flags that say so. */
export type FrontFlags = Pick<
  UpFlags,
  "tlsCert" | "tlsKey" | "redirectPort" | "trustedProxy" | "publicUrl" | "statusName"
>;

/** How the edge faces people: TLS, what stands before it, its names. @throws PerchError USAGE */
export function frontOptions(flags: FrontFlags): FrontOptions {
  const { tlsCert, tlsKey, redirectPort, trustedProxy, publicUrl, statusName } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw usage("TLS needs a certificate and its key.", "Give both --tls-cert and --tls-key.");
  if (redirectPort !== undefined && tlsCert === undefined && publicUrl === undefined)
    throw usage(
      "--redirect-port leads from http to https, and there is no https here.",
      "Give --tls-cert and --tls-key, or --public-url.",
    );
  return {
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : { tls: { cert: resolve(tlsCert), key: resolve(tlsKey) } }),
    ...(redirectPort === undefined ? {} : { redirectPort }),
    ...(trustedProxy === undefined ? {} : { trustedProxies: trustedProxy }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(statusName === undefined ? {} : { statusNames: statusName }),
  };
}

function usage(message: string, hint: string): PerchError {
  return new PerchError({ code: "USAGE", message, hint, fault: "user" });
}
