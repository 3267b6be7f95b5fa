import type { Config } from "../config/types.ts";

/** Milliseconds for all else that the engine ends: the routers, the database, git. */
const MARGIN = 30_000;

/**
 * Milliseconds that an engine may take to end all that it started.
 * @param drain milliseconds that requests under way have
 */
export function longestStop({ services }: Config, drain: number): number {
  const stops = [...services.values()].map(({ local }) => local?.stopTimeout ?? 0);
  return Math.max(0, ...stops) + drain + MARGIN;
}
