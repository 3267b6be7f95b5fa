import { type Comparison, compare, PerchError } from "@perch/core";
import type { FastifyInstance } from "fastify";
import { unknownService, wholeNumber } from "./query.ts";
import type { Recorder } from "./recorder.ts";
import { KEPT } from "./series.ts";

interface VerdictQuery {
  readonly service?: string;
  readonly seconds?: string;
}

/**
 * `GET /api/verdict?service=&seconds=`: whether the canaries of a service did worse than its stable in the last so many seconds; in
 * all that is kept where the question names none.
 */
export function serveVerdict(
  app: FastifyInstance,
  recorder: Recorder,
  services: () => readonly string[],
): void {
  app.get<{ Querystring: VerdictQuery }>("/api/verdict", async ({ query }): Promise<Comparison> => {
    const { service } = query;
    const seconds = wholeNumber(query.seconds, KEPT);
    if (service === undefined || seconds === undefined || seconds < 1 || seconds > KEPT) throw usage();
    if (!services().includes(service)) throw unknownService(services());
    return compare(service, seconds, recorder.samples(service, seconds));
  });
}

function usage(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `A verdict is asked for by ?service=<name>, with &seconds=<1 to ${KEPT}> where wanted: what is older is not kept.`,
    hint: "For example /api/verdict?service=api&seconds=300",
    fault: "user",
  });
}
