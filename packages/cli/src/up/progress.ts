import type { Status } from "@perch/core";
import type { Engine } from "@perch/engine";
import { describeChanges } from "../output/changes.ts";
import { renderStatus } from "../output/render-status.ts";
import { createScreen } from "../output/screen.ts";

/** Milliseconds between two redraws without a change: ages go on. */
const TICK = 1_000;

/** Shows an engine until stopped: redrawn in place on a terminal, a line per change elsewhere. */
export function showProgress(engine: Engine, options: { readonly tryPath: string }): { stop(): void } {
  return process.stdout.isTTY ? redraw(engine, options.tryPath) : appendLines(engine, options.tryPath);
}

function redraw(engine: Engine, tryPath: string): { stop(): void } {
  const screen = createScreen(process.stdout);
  const show = () => screen.show(renderStatus(engine.status(), { now: Date.now(), tryPath }));
  const unsubscribe = engine.onStatus(show);
  const timer = setInterval(show, TICK);
  show();
  return {
    stop: () => {
      unsubscribe();
      clearInterval(timer);
      screen.done();
    },
  };
}

function appendLines(engine: Engine, tryPath: string): { stop(): void } {
  let before: Status | undefined;
  const show = () => {
    const now = engine.status();
    for (const line of describeChanges(before, now)) process.stdout.write(`${line}\n`);
    if (now.settled && before?.settled !== true) {
      process.stdout.write(`\n${renderStatus(now, { now: Date.now(), tryPath })}\n`);
    }
    before = now;
  };
  const unsubscribe = engine.onStatus(show);
  show();
  return { stop: unsubscribe };
}
