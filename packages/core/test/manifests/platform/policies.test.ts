import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { policies } from "../../../src/manifests/platform/policies.ts";
import { celList, policyObjects } from "../../../src/manifests/platform/policy.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { shopProject, specOf } from "../support.ts";

function expressionsOf(project: Project, name: string): string {
  const policy = policies(project).find((one) => one.name === name);
  return JSON.stringify(policy).replaceAll('\\"', '"');
}

describe("admission policies", () => {
  it("refuse where they cannot decide, and each is bound to deny", () => {
    for (const policy of policies(shopProject())) {
      const [rule, binding] = policyObjects(policy).map(({ object }) => object);
      assert.equal(specOf<{ failurePolicy: string }>(rule).failurePolicy, "Fail");
      assert.deepEqual(binding?.spec, { policyName: policy.name, validationActions: ["Deny"] });
    }
  });

  it("hold in every canary's namespace, but for the one that looks at Argo CD's Applications", () => {
    const selectors = policies(shopProject()).map((policy) => {
      const [rule] = policyObjects(policy).map(({ object }) => object);
      const { matchConstraints } = specOf<{ matchConstraints: object }>(rule);
      return [policy.name, Object.keys(matchConstraints).includes("namespaceSelector")];
    });
    assert.deepEqual(
      selectors.filter(([, holds]) => holds === false),
      [["perch-canary-finalizers", false]],
    );
  });

  it("look at objects in namespaces only, where a rule takes every kind of a group", () => {
    for (const { name, resources } of policies(shopProject())) {
      for (const rule of resources) {
        if (rule.resources.includes("*")) assert.equal(rule.scope, "Namespaced", `${name} ${rule.group}`);
      }
    }
  });

  it("take images of the configured registry, and with a mesh those of its proxy", () => {
    const registries = (more: object) => expressionsOf(shopProject(more), "perch-canary-pods");
    assert.match(registries({ registry: "localhost:5000" }), /\['localhost:5000\/'\]/);
    assert.match(registries({ mesh: "linkerd" }), /\['ghcr\.io\/acme\/', 'cr\.l5d\.io\/linkerd\/'\]/);
  });

  it("keep the registry's credentials from containers where there are any", () => {
    const without = expressionsOf(shopProject(), "perch-canary-templates");
    const cluster = { imagePullSecret: "registry-pull" };
    const withSecret = expressionsOf(shopProject({ cluster }), "perch-canary-templates");
    assert.doesNotMatch(without, /readsPullSecret/);
    assert.match(withSecret, /secretKeyRef.*'registry-pull'.*!variables\.readsPullSecret/);
  });

  it("keep a canary from holding up a node: pods, what makes them, and budgets", () => {
    for (const name of ["perch-canary-pods", "perch-canary-templates"]) {
      const text = expressionsOf(shopProject(), name);
      for (const term of [/podAffinity/, /podAntiAffinity/, /preferred/, /required/])
        assert.match(text, term);
      assert.match(text, /neighbours\.all\(.*namespaces.*!has\(t\.namespaceSelector\)/);
      assert.match(text, /safe-to-evict'\]\.orValue\('true'\) == 'true'/);
      assert.match(text, /do-not-disrupt'\]\.orValue\('false'\) == 'false'/);
    }
    const budgets = expressionsOf(shopProject(), "perch-canary-budgets");
    assert.match(budgets, /unhealthyPodEvictionPolicy.*AlwaysAllow/);
    const [, none = ""] = /matches\('([^']+)'\)/.exec(budgets) ?? [];
    for (const value of ["0", "0%", "00%"]) assert.match(value, new RegExp(none));
    for (const value of ["1", "10%", "100%"]) assert.doesNotMatch(value, new RegExp(none));
  });

  it("refuse probes and hooks that name a host, of containers and of what runs before them", () => {
    const text = expressionsOf(shopProject(), "perch-canary-pods");
    for (const handler of ["livenessProbe", "readinessProbe", "startupProbe", "postStart", "preStop"]) {
      assert.equal(text.split(handler).length - 1, 2, handler);
    }
  });

  it("refuse at the sync what Pod Security would refuse of every pod, in each kind of container", () => {
    const text = expressionsOf(shopProject(), "perch-canary-templates");
    for (const field of [
      ...["hostNetwork", "hostPID", "hostIPC", "hostPort", "hostProcess", "privileged", "capabilities"],
      ...["allowPrivilegeEscalation", "runAsNonRoot", "runAsUser", "seccompProfile", "appArmorProfile"],
      ...["seLinuxOptions", "procMount", "sysctls"],
    ])
      assert.match(text, new RegExp(`\\?${field}\\b`), field);
    for (const name of ["contexts", "ports"]) {
      const [variable] = new RegExp(`"name":"${name}","expression":"[^"]+"`).exec(text) ?? [];
      for (const kind of ["pod.containers", "initContainers", "ephemeralContainers"])
        assert.ok(variable?.includes(kind), `${name} ${kind}`);
    }
    // Of pods Pod Security itself speaks: a mesh's proxy and what a cluster adds are none of an author's.
    assert.doesNotMatch(expressionsOf(shopProject(), "perch-canary-pods"), /allowPrivilegeEscalation/);
  });

  it("take what Argo CD itself writes into annotations, and nothing else of its own", () => {
    const text = expressionsOf(shopProject(), "perch-canary-owner");
    assert.match(text, /\['argocd\.argoproj\.io\/tracking-id', 'argocd\.argoproj\.io\/installation-id'\]/);
  });

  it("let go what is being deleted, so that a stricter policy holds up no close", () => {
    for (const name of ["perch-canary-pods", "perch-canary-templates", "perch-canary-owner"]) {
      assert.match(expressionsOf(shopProject(), name), /!has\(object\.metadata\.deletionTimestamp\)/);
    }
  });

  it("write a list of texts so that none of them can end its quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (texts) => {
        const inner = celList(texts)
          .slice(1, -1)
          .replaceAll(/'(?:[^'\\]|\\['\\])*'/g, "");
        assert.match(inner, /^(?:, )*$/);
      }),
    );
  });
});
