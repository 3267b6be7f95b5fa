// Writes perch.schema.json and docs/config.md anew; `npm run fix` then lays the JSON out like the rest:
// node --conditions=perch-source packages/core/schema/generate.ts
import { writeFileSync } from "node:fs";
import { configJsonSchema } from "../src/config/index.ts";
import { configDocs } from "./config-docs.ts";

writeFileSync(
  new URL("perch.schema.json", import.meta.url),
  `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
);
writeFileSync(new URL("../../../docs/config.md", import.meta.url), configDocs());
