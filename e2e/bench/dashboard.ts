import { openPage, startBrowser } from "../browser/support/browser.ts";
import { buildDashboard } from "../browser/support/build-dashboard.ts";
import { startDemo } from "../support/demo.ts";
import { print, spread } from "./figures.ts";

// How long a person waits for the dashboard: `npm run bench:dashboard`. Each load is in a browser that was just started, with
// nothing in its cache, from the engine that `make up` starts, with its two canaries.

const RUNS = Number(process.env.RUNS ?? 9);

async function main(): Promise<void> {
  await buildDashboard();
  const demo = await startDemo();
  try {
    const { statusUrl = "" } = (await demo.status()).engine;
    const times = { paint: [] as number[], shown: [] as number[] };
    for (let run = 0; run < RUNS; run += 1) {
      const { paint, shown } = await load(statusUrl);
      times.paint.push(paint);
      times.shown.push(shown);
    }
    print("cold load: first contentful paint", spread(times.paint), "s");
    print("cold load: every canary is shown", spread(times.shown), "s");
  } finally {
    await demo.end();
  }
}

/** Seconds from the start of the navigation, by the browser's own clock. */
async function load(url: string): Promise<{ paint: number; shown: number }> {
  const browser = await startBrowser();
  try {
    const { page } = await openPage(browser, url);
    await page.getByRole("article").nth(1).waitFor();
    const shown = await page.evaluate<number>("performance.now()");
    const paint = await page.evaluate<number>(
      "performance.getEntriesByName('first-contentful-paint')[0].startTime",
    );
    return { paint: paint / 1_000, shown: shown / 1_000 };
  } finally {
    await browser.close();
  }
}

await main();
