import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parse } from "yaml";
import * as z from "zod";
import { configDocs } from "../../schema/config-docs.ts";
import { configJsonSchema } from "../../src/config/index.ts";
import { LEAST, PERCH_YAML } from "./fixtures.ts";

const REGENERATE = "Run: node --conditions=perch-source packages/core/schema/generate.ts, then npm run fix";

function published(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

describe("the published JSON Schema", () => {
  const schema: unknown = JSON.parse(published("../../schema/perch.schema.json"));

  it("is what the code says", () => {
    assert.deepEqual(schema, JSON.parse(JSON.stringify(configJsonSchema())), REGENERATE);
  });

  it("takes what perch takes, and refuses unknown keys and wrong values", () => {
    const validator = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const takes = (text: string) => validator.safeParse(parse(text)).success;
    assert.ok(takes(PERCH_YAML));
    assert.ok(takes(LEAST));
    assert.ok(!takes(`${LEAST}edgee: {}\n`));
    assert.ok(!takes(`${LEAST}mesh: istio\n`));
    assert.ok(!takes(`${LEAST}canary: { ttl: 7 }\n`));
  });

  it("describes every key", () => {
    const undocumented: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== "object" || node === null) return;
      for (const [key, value] of Object.entries("properties" in node ? (node.properties ?? {}) : {})) {
        if (!/\.( Default: .*| Unit: .*)?$/.test(value.description ?? "")) undocumented.push(`${path}${key}`);
        visit(value, `${path}${key}.`);
      }
      if ("additionalProperties" in node) visit(node.additionalProperties, `${path}<name>.`);
    };
    visit(schema, "");
    assert.deepEqual(undocumented, []);
  });

  it("has only keywords that a strict validator knows", () => {
    assert.doesNotMatch(JSON.stringify(schema), /"x-/);
  });
});

describe("docs/config.md", () => {
  it("is what the code says", () => {
    assert.equal(published("../../../../docs/config.md"), configDocs(), REGENERATE);
  });
});
