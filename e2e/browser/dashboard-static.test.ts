import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import type { Browser } from "playwright-core";
import { type Demo, startDemo } from "../support/demo.ts";
import { ROOT } from "../support/perch.ts";
import { openPage, startBrowser, type TestPage } from "./support/browser.ts";
import { type Nginx, startNginx } from "./support/nginx.ts";

const DASHBOARD = join(ROOT, "apps", "dashboard");

/** As its README says, with the configuration that it has. */
describe("the dashboard as static files, on another server than the engine's", () => {
  let folder: string;
  let demo: Demo;
  let nginx: Nginx;
  let browser: Browser;
  let opened: TestPage;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-static-"));
    await execa("npm", ["run", "--silent", "build", "--", "--outDir", folder, "--logLevel", "error"], {
      cwd: DASHBOARD,
      env: { PERCH_STATUS_API: "/perch" },
    });
    const started = await startDemo();
    demo = started;
    assert.equal(started.up.code, 0, started.up.stderr);
    const { host } = new URL((await demo.status()).engine.statusUrl ?? "");
    const block = await readFile(join(DASHBOARD, "static", "nginx.conf"), "utf8");
    nginx = await startNginx(
      block.replace("/usr/share/perch-dashboard/", `${folder}/`).replace("127.0.0.1:8090", host),
    );
    browser = await startBrowser();
    opened = await openPage(browser, `${nginx.url}/perch/`);
  });
  after(async () => {
    await browser?.close();
    await nginx?.close();
    await demo?.end();
    await rm(folder, { recursive: true, force: true });
  });

  it("is live, under its path, from the status API that it was built for", async () => {
    const { page, complaints } = opened;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("region", { name: "store, PR 1" }).getByText("Ready", { exact: true }).waitFor();
    await demo.git("fetch", "--quiet", "origin", "refs/pull/1/head");
    await demo.git("push", "--quiet", "origin", "FETCH_HEAD:refs/pull/3/head");
    await page.getByRole("region", { name: "store, PR 3" }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it("follows a canary's log, which the server on the way does not hold back", async () => {
    const { page, complaints } = opened;
    await page.goto(`${nginx.url}/perch/#/pr/1/store`);
    await page
      .getByLabel("Log of store")
      .getByText(/start: node/)
      .waitFor();
    const lines = page.getByLabel("Log of store").getByText(/ListItems/);
    const before = await lines.count();
    await demo.get("/api/items", { "x-canary": "1" });
    await lines.nth(before).waitFor();
    assert.deepEqual(complaints, []);
  });

  it("sends no request for others: it says where that can be done", async () => {
    const { page } = opened;
    await page.goto(`${nginx.url}/perch/#/try`);
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText(/^The engine sends requests only for the page that it serves itself/).waitFor();
  });
});
