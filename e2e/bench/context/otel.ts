import { register } from "node:module";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { AlwaysOffSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import "./without.ts";

// Preloaded, it carries baggage through a service as OpenTelemetry does it, in place of the library. Nothing is recorded:
// what is left is what propagation costs.

register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(
  new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
);
trace.setGlobalTracerProvider(new TracerProvider({ sampler: new AlwaysOffSampler() }));
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new GrpcInstrumentation()] });
