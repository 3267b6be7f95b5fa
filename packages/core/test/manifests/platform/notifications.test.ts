import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryUrl } from "@perch/core";
import { parse } from "yaml";
import { applicationFiles } from "../../../src/manifests/apps/index.ts";
import { platformFiles } from "../../../src/manifests/platform/index.ts";
import { notifications } from "../../../src/manifests/platform/notifications.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { matchesGolden } from "../golden.ts";
import { manyRepositories, objectsOf, shopProject, specOf } from "../support.ts";

type Data = Readonly<Record<string, string>>;

const APP = { cluster: { githubAuth: "app", environmentRepo: "acme/env" } };

function dataOf(project: Project): Data {
  return notifications(project).object.data as Data;
}

interface Template {
  readonly message: string;
  readonly github: {
    revisionPath: string;
    deployment: { state: string; environment: string; environmentURL: string };
  };
}

interface Condition {
  readonly when: string;
  readonly oncePer: string;
  readonly send: string[];
}

/** What `{{ regexFind … (regexReplaceAll … (regexReplaceAll … .message …)) }}` makes of a condition's message; Go's patterns as ours. */
function reasonOf(template: string, message: string): string {
  const [action = ""] = /regexFind .*?" "\) \}\}/.exec(template) ?? [];
  const [end = "", spaces = "", preamble = ""] = [...action.matchAll(/"(?:[^"\\]|\\.)+"/g)].map(
    ([text]) => JSON.parse(text) as string,
  );
  const ours = (pattern: string) => pattern.replace("(?s)", "").replaceAll("\\pC", "\\p{C}");
  return (
    message
      .replaceAll(new RegExp(ours(preamble), "gsu"), "")
      .replaceAll(new RegExp(ours(spaces), "gu"), " ")
      .match(new RegExp(end))?.[0] ?? ""
  );
}

describe("what Argo CD says about canaries", () => {
  it("is as the golden file says, for a GitHub App", async () => {
    const project = shopProject(APP);
    const file = platformFiles(project).find(({ path }) => path.endsWith("/notifications.yaml"));
    await matchesGolden("notifications.yaml", file?.text ?? "");
  });

  it("is a deployment's status in the environment of that name, for each of four states", () => {
    const data = dataOf(shopProject());
    const states = ["ready", "degraded", "refused", "unbuilt"].map((name) => {
      const { deployment } = (parse(data[`template.perch-canary-${name}`] ?? "") as Template).github;
      assert.equal(deployment.environment, "{{ .app.metadata.name }}");
      return deployment.state;
    });
    assert.deepEqual(states, ["success", "error", "failure", "failure"]);
  });

  it("tells of manifests that do not build for the head that the ApplicationSet names, once, and only while that head was never synced", () => {
    const data = dataOf(shopProject());
    const head = "app.metadata.annotations?.['perch.dev/head']";
    const [condition] = parse(data["trigger.on-perch-canary-unbuilt"] ?? "") as Condition[];
    assert.equal(condition?.oncePer, head);
    assert.ok(condition?.when.includes(`app.status.operationState?.syncResult?.revision != ${head}`));
    const { github } = parse(data["template.perch-canary-unbuilt"] ?? "") as Template;
    assert.equal(github.revisionPath, '{{ index .app.metadata.annotations "perch.dev/head" }}');
    const [set] = applicationFiles(shopProject())
      .flatMap(objectsOf)
      .filter(({ kind }) => kind === "ApplicationSet");
    const [workload = "", platform = ""] = specOf<{ templatePatch: string }>(set).templatePatch.split(
      "{{- else }}",
    );
    assert.match(workload, /annotations: \{perch\.dev\/head: '\{\{ \.head_sha \}\}'\}/);
    assert.doesNotMatch(platform, /head_sha/, "every push would have Argo CD compare it anew");
  });

  it("says why manifests do not build within what GitHub takes, on one short line whatever their author named", () => {
    const { message } = parse(dataOf(shopProject())["template.perch-canary-unbuilt"] ?? "") as Template;
    const kustomize = "accumulating resources: accumulation err='accumulating resources from 'gone.yaml'";
    const reason = (more = "") =>
      reasonOf(
        message,
        `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = Manifest generation error (cached): \`kustomize build <path to cached source>/services/api/deploy/base\` failed exit status 1: Error: ${kustomize}${more}`,
      );
    assert.equal(reason(), kustomize);
    assert.equal(reason("\n\u001b[2J\r\n::error::\u0000x"), `${kustomize} [2J ::error:: x`);
    assert.equal(reason("x".repeat(10_000)).length, 400);
    assert.equal(reasonOf(message, "another one"), "another one");
  });

  it("says why an admission policy refuses, and not which: that alone is more than GitHub takes", () => {
    const { message } = parse(dataOf(shopProject())["template.perch-canary-refused"] ?? "") as Template;
    const refused = `deployments.apps "api" is forbidden: ValidatingAdmissionPolicy 'perch-canary-templates' with binding 'perch-canary-templates' denied request: `;
    assert.equal(reasonOf(message, `${refused}a canary has no priority`), "a canary has no priority");
  });

  it("has each trigger whole: nothing of it is taken for a comment of YAML", () => {
    for (const [name, text] of Object.entries(dataOf(shopProject()))) {
      if (!name.startsWith("trigger.")) continue;
      const [condition] = parse(text) as Condition[];
      assert.equal(condition?.when.split("(").length, condition?.when.split(")").length, condition?.when);
      assert.deepEqual(condition?.send, [name.replace("trigger.on-", "")]);
    }
  });

  it("names a share link as the rest of perch makes it", () => {
    for (const project of [
      shopProject(),
      manyRepositories(),
      manyRepositories({ edge: { host: "x.example", tls: true } }),
    ]) {
      const { deployment } = (parse(dataOf(project)["template.perch-canary-ready"] ?? "") as Template).github;
      const address = deployment.environmentURL
        .replaceAll('{{ index .app.metadata.labels "perch.dev/pr" }}', "7")
        .replaceAll('{{ (index .app.metadata.labels "perch.dev/service") }}', "api");
      assert.equal(address, canaryUrl(project, "api", 7));
    }
  });

  it("is sent for canaries only, and only where Argo CD is a GitHub App", () => {
    assert.equal(dataOf(shopProject())["service.github"], undefined);
    const data = dataOf(shopProject(APP));
    assert.match(data["service.github"] ?? "", /privateKey: \$githubAppPrivateKey\n$/);
    assert.match(data.subscriptions ?? "", /selector: perch\.dev\/part=workload/);
    const server = { cluster: { ...APP.cluster, github: "https://ghe.example.com" } };
    assert.match(dataOf(shopProject(server))["service.github"] ?? "", /https:\/\/ghe\.example\.com\/api\/v3/);
    const residency = { cluster: { ...APP.cluster, github: "https://acme.ghe.com" } };
    assert.match(
      dataOf(shopProject(residency))["service.github"] ?? "",
      /: https:\/\/api\.acme\.ghe\.com\n$/,
    );
  });
});
