import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isCompatible, variableOf, versionIn } from "../src/parts/version.ts";

describe("versionIn", () => {
  const outputs: [string, string | undefined][] = [
    ["Kubernetes v1.34.4", "1.34.4"],
    ["Client Version: v1.34.4\nKustomize Version: v5.7.1", "1.34.4"],
    ["etcd Version: 3.6.4\nGit SHA: Not provided", "3.6.4"],
    ["CoreDNS-1.12.4\nlinux/amd64, go1.26.8,", "1.12.4"],
    ["argocd: v3.2.11+unknown", "3.2.11"],
    ["v5.8.2", "5.8.2"],
    ["command not found", undefined],
  ];
  for (const [output, version] of outputs)
    it(`reads ${version} from ${JSON.stringify(output)}`, () => {
      assert.equal(versionIn(output), version);
    });
});

describe("isCompatible", () => {
  it("takes another patch of the same line, and nothing else", () => {
    assert.equal(isCompatible("1.34.9", "1.34.4"), true);
    assert.equal(isCompatible("1.35.0", "1.34.4"), false);
    assert.equal(isCompatible("1.3.4", "1.34.4"), false);
  });
});

describe("variableOf", () => {
  it("names the variable that names a tool", () => {
    assert.equal(variableOf("kube-apiserver"), "PERCH_KUBE_APISERVER");
  });
});
