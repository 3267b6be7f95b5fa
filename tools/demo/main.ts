#!/usr/bin/env node
import { join } from "node:path";
import { DemoError, makeDemoRepository } from "./repository.ts";

const OF = "Demo repository .perch/demo/origin.git";

// `npm run up` runs this from the root of the checkout.
const checkout = process.cwd();
try {
  const result = await makeDemoRepository({
    checkout,
    origin: join(checkout, ".perch", "demo", "origin.git"),
    reset: process.argv.includes("--reset"),
  });
  process.stdout.write(
    result.made
      ? `${OF}: main is this checkout, with pull requests 1 (store) and 2 (api).\n`
      : `${OF} is as you left it; \`npx perch-demo --reset\` opens its pull requests again.\n`,
  );
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  process.stderr.write(`error DEMO ${error.message}\n`);
  process.exitCode = 1;
}
