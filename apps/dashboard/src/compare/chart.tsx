import { useEffect, useRef } from "preact/hooks";
import type UPlot from "uplot";
import { variantWord } from "../words.ts";
import type { ChartData } from "./series.ts";

interface ChartProps {
  readonly title: string;
  readonly unit: string;
  /** The PR of each line; `undefined`: stable. */
  readonly prs: readonly (number | undefined)[];
  readonly data: ChartData;
}

const HEIGHT = 160;
/** Lines are told apart by dashes, too. */
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 5]];

/** A chart of the table's numbers over time; who cannot see it has the table. */
export function Chart({ title, unit, prs, data }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const newest = useRef(data);
  newest.current = data;
  const lines = prs.map(variantWord).join(", ");
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const controller = new AbortController();
    void draw(element, { unit, prs, data: newest }, plot, controller.signal);
    return () => {
      controller.abort();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [unit, lines]);
  useEffect(() => plot.current?.setData(data as UPlot.AlignedData), [data]);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {unit === "" ? "" : ` (${unit})`}
        <Key prs={prs} />
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
    </figure>
  );
}

function Key({ prs }: { prs: readonly (number | undefined)[] }) {
  return (
    <span class="key" aria-hidden="true">
      {prs.map((pr, index) => (
        <span key={pr ?? "stable"}>
          <svg viewBox="0 0 24 4" class={`line line-${index}`} aria-hidden="true" focusable="false">
            <path d="M0 2h24" stroke-dasharray={DASHES[index]?.join(" ")} />
          </svg>
          {variantWord(pr)}
        </span>
      ))}
    </span>
  );
}

interface Drawn {
  readonly unit: string;
  readonly prs: readonly (number | undefined)[];
  readonly data: { readonly current: ChartData };
}

/** The library comes only with the first chart: most looks at the page need none. */
async function draw(
  element: HTMLElement,
  drawn: Drawn,
  plot: { current: UPlot | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { default: Plot } = await import("uplot");
  const redraw = () => {
    if (signal.aborted) return;
    plot.current?.destroy();
    plot.current = new Plot(options(element, drawn), drawn.data.current as UPlot.AlignedData, element);
  };
  redraw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  const resized = new ResizeObserver(() =>
    plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
  );
  resized.observe(element);
  signal.addEventListener("abort", () => resized.disconnect());
}

function options(element: HTMLElement, { prs, unit }: Drawn): UPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const clock = (time: number) =>
    new Date(time * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const axis = {
    stroke: color("--dim"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 28, 0, 0],
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
    axes: [
      { ...axis, size: 28, values: (_plot, ticks) => ticks.map(clock) },
      {
        ...axis,
        size: 52,
        values: (_plot, ticks) => ticks.map((tick) => `${tick}${unit === "%" ? "%" : ""}`),
      },
    ],
    series: [
      {},
      ...prs.map((pr, index) => ({
        label: variantWord(pr),
        stroke: color(`--line-${index}`),
        width: 2,
        dash: DASHES[index] ?? [],
        spanGaps: true,
        points: { show: isSparse, size: 5 },
      })),
    ],
  };
}

/** A few values far apart would be lines without an end to see. */
function isSparse(plot: UPlot, line: number): boolean {
  return Array.from(plot.data[line] ?? []).filter((value) => value !== null).length <= 30;
}
