import { PerchError } from "@perch/core";
import type { FastifyInstance } from "fastify";
import { unknownService, wholeNumber } from "./query.ts";
import type { Recorder } from "./recorder.ts";
import { KEPT } from "./series.ts";

/** Seconds of a step where the question names none. */
const STEP = 5;
const MAX_STEP = 60;

interface MeasurementsQuery {
  readonly service?: string;
  readonly since?: string;
  readonly step?: string;
}

/** `GET /api/measurements?service=&since=&step=`: how stable and canaries of a service did in the last 15 minutes. */
export function serveMeasurements(
  app: FastifyInstance,
  recorder: Recorder,
  services: () => readonly string[],
): void {
  app.get<{ Querystring: MeasurementsQuery }>("/api/measurements", async ({ query }) => {
    const { service } = query;
    const step = wholeNumber(query.step, STEP);
    const since = wholeNumber(query.since, Math.floor(Date.now() / 1000) - KEPT);
    if (service === undefined || since === undefined || step === undefined || step < 1 || step > MAX_STEP)
      throw usage();
    if (!services().includes(service)) throw unknownService(services());
    return recorder.measurements(service, since, step);
  });
}

function usage(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `Measurements are asked for by ?service=<name>, with &since=<epoch seconds> and &step=<1 to ${MAX_STEP} seconds> where wanted.`,
    hint: "For example /api/measurements?service=api&step=5",
    fault: "user",
  });
}
