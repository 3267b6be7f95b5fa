export { type Recorder, startRecorder } from "./recorder.ts";
export { serveMeasurements } from "./serve.ts";
export { serveVerdict } from "./serve-verdict.ts";
