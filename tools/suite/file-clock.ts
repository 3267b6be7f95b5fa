import { relative } from "node:path";

const SLOWEST = 5;
/** Milliseconds until a killed file has ended. It has not while anything that it started, and nobody found, holds its output. */
const ENDS_WITHIN = 30_000;

export interface ClockListener {
  onBound(file: string): void;
  /** It was told `onBound`, and has not ended since. */
  onNeverEnds(file: string): void;
}

/** How long files take; those that take longer than `bound` milliseconds are told. */
export function fileClock(bound: number, { onBound, onNeverEnds }: ClockListener) {
  const running = new Map<string, { readonly since: number; timer: NodeJS.Timeout }>();
  const took = new Map<string, number>();

  function begin(file: string): void {
    const timer = setTimeout(() => {
      onBound(file);
      one.timer = setTimeout(onNeverEnds, ENDS_WITHIN, file);
    }, bound);
    const one = { since: performance.now(), timer };
    running.set(file, one);
  }

  function end(file: string): void {
    const one = running.get(file);
    if (one === undefined) return;
    clearTimeout(one.timer);
    running.delete(file);
    took.set(file, performance.now() - one.since);
  }

  return {
    begin,
    end,
    running: () => [...running.keys()],
    runningText() {
      const now = performance.now();
      const held = [...running].map(([file, { since }]) => timeText(file, now - since));
      return `after ${took.size} files; running: ${held.join(", ")}\n`;
    },
    slowestText() {
      const slowest = [...took].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
      const texts = slowest.map(([file, milliseconds]) => timeText(file, milliseconds));
      return texts.length === 0 ? "" : `Slowest: ${texts.join(", ")}\n`;
    },
    close() {
      for (const { timer } of running.values()) clearTimeout(timer);
    },
  };
}

function timeText(file: string, milliseconds: number): string {
  return `${relative("", file)} ${(milliseconds / 1000).toFixed(1)} s`;
}
