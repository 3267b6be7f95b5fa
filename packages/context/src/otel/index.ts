/** The selector by way of OpenTelemetry. */
export { type CanaryPropagatorOptions, canaryPropagator } from "./propagator.ts";
