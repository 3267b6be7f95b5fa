#!/usr/bin/env node
import { join } from "node:path";
import { makeDemoRepository } from "./repository.ts";

// `npm run up` runs this from the root of the checkout.
const checkout = process.cwd();
const result = await makeDemoRepository({
  checkout,
  origin: join(checkout, ".perch", "demo", "origin.git"),
  reset: process.argv.includes("--reset"),
});
process.stdout.write(
  result.made
    ? "Demo repository .perch/demo/origin.git: main is this checkout, with pull requests 1 (store) and 2 (api).\n"
    : "Demo repository .perch/demo/origin.git is up to date.\n",
);
