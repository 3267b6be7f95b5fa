/** Folders of `packages/` that go to npm, each after what it depends on. */
export const PUBLISHED = ["header", "context", "core", "engine", "cli"] as const;
