import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryUrl } from "@perch/core";
import { parse } from "yaml";
import { platformFiles } from "../../../src/manifests/platform/index.ts";
import { notifications } from "../../../src/manifests/platform/notifications.ts";
import type { Project } from "../../../src/manifests/project.ts";
import { matchesGolden } from "../golden.ts";
import { manyRepositories, shopProject } from "../support.ts";

type Data = Readonly<Record<string, string>>;

const APP = { cluster: { githubAuth: "app", environmentRepo: "acme/env" } };

function dataOf(project: Project): Data {
  return notifications(project).object.data as Data;
}

interface Template {
  readonly github: { deployment: { state: string; environment: string; environmentURL: string } };
}

interface Condition {
  readonly when: string;
  readonly oncePer: string;
  readonly send: string[];
}

describe("what Argo CD says about canaries", () => {
  it("is as the golden file says, for a GitHub App", async () => {
    const project = shopProject(APP);
    const file = platformFiles(project).find(({ path }) => path.endsWith("/notifications.yaml"));
    await matchesGolden("notifications.yaml", file?.text ?? "");
  });

  it("is a deployment's status in the environment of that name, for each of three states", () => {
    const data = dataOf(shopProject());
    const states = ["ready", "degraded", "refused"].map((name) => {
      const { deployment } = (parse(data[`template.perch-canary-${name}`] ?? "") as Template).github;
      assert.equal(deployment.environment, "{{ .app.metadata.name }}");
      return deployment.state;
    });
    assert.deepEqual(states, ["success", "error", "failure"]);
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
