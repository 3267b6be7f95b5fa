import type { Status } from "@perch/core";
import type { Engine } from "@perch/engine";
import { describeChanges } from "../output/changes.ts";
import { renderStatus } from "../output/render-status.ts";
import { canRedraw, createScreen } from "../output/screen.ts";

/** Milliseconds between two redraws without a change: ages go on. */
const TICK = 1_000;

/** Shows an engine until stopped: redrawn in place on a terminal, a line per change elsewhere. */
export function showProgress(engine: Engine): { stop(): void } {
  return canRedraw(process.stdout) ? redraw(engine) : appendLines(engine);
}

function redraw(engine: Engine): { stop(): void } {
  const screen = createScreen(process.stdout);
  const show = () => screen.show(renderStatus(engine.status(), { now: Date.now() }));
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

function appendLines(engine: Engine): { stop(): void } {
  let before: Status | undefined;
  let pictured: string | undefined;
  const show = () => {
    const now = engine.status();
    for (const line of describeChanges(before, now)) process.stdout.write(`${line}\n`);
    // A canary that fails again and again is told in a line each time; the picture is the same.
    const picture = now.settled ? summary(now) : pictured;
    if (picture !== pictured) {
      pictured = picture;
      process.stdout.write(`\n${renderStatus(now, { now: Date.now() })}\n`);
    }
    before = now;
  };
  const unsubscribe = engine.onStatus(show);
  show();
  return { stop: unsubscribe };
}

/** What the picture shows, without what passes by itself. */
function summary({ services }: Status): string {
  const variants = services.flatMap(({ stable, canaries }) => [stable, ...canaries]);
  return variants
    .map(({ service, pr, state, revision }) => `${service} ${pr} ${state} ${revision}`)
    .join("\n");
}
