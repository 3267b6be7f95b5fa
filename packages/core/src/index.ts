/** What perch decides. Pure: data in, data out; nothing here reads a file, a clock or a socket. */

export * from "./ci/index.ts";
export * from "./compose/index.ts";
export * from "./config/index.ts";
export * from "./discovery/index.ts";
export * from "./doctor/index.ts";
export * from "./errors.ts";
export { githubApiUrl } from "./github-api.ts";
export * from "./instances.ts";
export * from "./manifests/index.ts";
export * from "./naming.ts";
export * from "./plan/index.ts";
export * from "./processes.ts";
export * from "./promotion/index.ts";
export * from "./pull-requests/index.ts";
export * from "./residue/index.ts";
export * from "./routes/index.ts";
export * from "./service-unit/index.ts";
export * from "./status/index.ts";
export * from "./verdict/index.ts";
