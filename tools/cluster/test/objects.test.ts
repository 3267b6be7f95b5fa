import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { documentsOf } from "../src/bed/objects.ts";

const stream = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  text: |
    kind: Deployment
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: server}
---
# a comment
apiVersion: v1
kind: ServiceAccount
metadata: {name: account}
`;

describe("documentsOf", () => {
  it("keeps the documents of the wanted kinds, by their own kind and not by what they hold", () => {
    const kept = documentsOf(stream, new Set(["ConfigMap", "ServiceAccount"]));
    assert.match(kept, /name: settings/);
    assert.match(kept, /name: account/);
    assert.doesNotMatch(kept, /name: server/);
  });

  it("is empty where nothing is wanted", () => {
    assert.equal(documentsOf(stream, new Set()), "");
  });
});
