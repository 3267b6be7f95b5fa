export { configJsonSchema } from "./json-schema.ts";
export { parseConfig } from "./parse.ts";
export { type ConfigProblem, type ConfigResult, configError, formatProblem } from "./problems.ts";
export { parseDuration } from "./scalars.ts";
export { API_VERSION } from "./schema.ts";
export * from "./types.ts";
