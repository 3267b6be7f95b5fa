/** The status API of what is no engine, without loading one. */
export type { StatusFeed } from "./document-server.ts";
export { openDocumentApi, type StatusApi } from "./open.ts";
