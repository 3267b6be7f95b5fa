import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ClusterReading, clusterStatus } from "@perch/core";
import { openDocumentApi, type StatusApi } from "@perch/engine/status";
import type { Browser } from "playwright-core";
import { MADE, reading, replicaSet } from "../../packages/core/test/cluster-status/objects.ts";
import { shop } from "../../packages/core/test/support.ts";
import { seriousFindings } from "./support/accessibility.ts";
import { openPage, screenshot, startBrowser, type TestPage } from "./support/browser.ts";
import { buildDashboard } from "./support/build-dashboard.ts";

const REFUSED: Partial<ClusterReading> = {
  replicaSets: [
    replicaSet({}, [
      {
        type: "ReplicaFailure",
        status: "True",
        message: 'pods "api-1-" is forbidden: violates PodSecurity "restricted:latest"',
        lastTransitionTime: MADE,
      },
    ]),
  ],
  pods: [],
};

/** As `perch status --cluster --serve` serves it. */
describe("the dashboard of a cluster in a browser", () => {
  const feed = { now: reading(REFUSED), listeners: new Set<() => void>() };
  let api: StatusApi;
  let browser: Browser;
  let opened: TestPage;
  before(async () => {
    await buildDashboard();
    const view = {
      status: () => clusterStatus(shop(), feed.now, Date.parse(MADE) + 30_000),
      onStatus: (listener: () => void) => {
        feed.listeners.add(listener);
        return () => feed.listeners.delete(listener);
      },
    };
    api = await openDocumentApi(view, { port: 0, flag: "--serve", missing: "no engine" });
    browser = await startBrowser();
    opened = await openPage(browser, api.url);
  });
  after(async () => {
    await browser?.close();
    await api?.close();
  });

  it("shows why a canary has no pods, and when it has some, at once", async () => {
    const { page, complaints } = opened;
    const canary = page.getByRole("region", { name: "api, PR 7" });
    await canary.getByText(/violates PodSecurity/).waitFor();
    await screenshot(page, "dashboard-cluster");
    feed.now = reading();
    for (const listener of feed.listeners) listener();
    await canary.getByText("Ready", { exact: true }).waitFor();
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual(complaints, []);
  });

  it("has a canary's page with its timeline, and nothing that only an engine could answer", async () => {
    const { page, complaints } = opened;
    await page.goto(`${api.url}/#/pr/7/api`);
    await page.getByRole("heading", { name: "Timeline" }).waitFor();
    for (const title of ["Log", "Stable against the canary of PR 7", "Try it"]) {
      assert.equal(await page.getByText(title, { exact: true }).count(), 0, title);
    }
    assert.equal(await page.getByText("Process", { exact: true }).count(), 0);
    assert.deepEqual(complaints, []);
  });
});
