import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Loaded into every process of a test run, before anything else.

/**
 * `--test-force-exit` ends a test file's process while the last of what it reports still waits for its pipe
 * (nodejs/node#64833): tests then go missing, and nobody is told. A pipe that blocks takes all first.
 */
const { _handle: handle } = process.stdout as { _handle?: { setBlocking?(isBlocking: boolean): void } };
handle?.setBlocking?.(true);

/** Hundreds of test files import the same sources: stripping their types once is enough. */
enableCompileCache(join(import.meta.dirname, "..", "..", "node_modules", ".cache", "compiled"));
