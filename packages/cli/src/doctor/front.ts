import { type Config, type FrontFact, PerchError } from "@perch/core";
import { checkFront } from "@perch/engine";
import pino from "pino";
import { type FrontFlags, frontOptions } from "../up/front.ts";

/** What `perch up` would say of its certificate, its proxies and its public URL. */
export async function frontFact(config: Config | undefined, flags: FrontFlags): Promise<FrontFact> {
  if (config === undefined) return { kind: "unknown" };
  try {
    const front = frontOptions(flags);
    const wrong = await checkFront(front, config.edge.host, pino({ level: "silent" }));
    if (wrong !== undefined) return { kind: "wrong", message: wrong.message, hint: wrong.hint };
    if (front.tls !== undefined)
      return { kind: "ok", detail: `${front.tls.cert} is for ${config.edge.host} and the names below it` };
    return front.publicUrl === undefined
      ? { kind: "plain" }
      : { kind: "ok", detail: `share links are below ${front.publicUrl}` };
  } catch (error) {
    if (error instanceof PerchError) return { kind: "wrong", message: error.message, hint: error.hint };
    throw error;
  }
}
