import type { Measurements } from "@perch/core";
import { useState } from "preact/hooks";
import { Scroll } from "../parts/scroll.tsx";
import { VariantMark } from "../parts/state.tsx";
import { Chart } from "./chart.tsx";
import { Choice } from "./choice.tsx";
import { chartData, type Quantity, shown, summary } from "./series.ts";
import { useMeasurements } from "./use-measurements.ts";
import { VerdictCell, VerdictReasons } from "./verdict.tsx";

type Latency = Extract<Quantity, "p50" | "p95" | "p99">;
const LATENCIES: readonly Latency[] = ["p50", "p95", "p99"];

/** What the engine keeps, and shorter times. */
const MINUTES = [1, 5, 15];

/** Stable beside canaries, over the last minutes. */
export function Compare({ service, pr }: { service: string; pr: number | undefined }) {
  const [minutes, setMinutes] = useState(15);
  const { data, error } = useMeasurements(service, minutes);
  const choice = (
    <Choice
      label="How far back"
      values={MINUTES}
      words={(one) => `${one} min`}
      chosen={minutes}
      onChoose={setMinutes}
    />
  );
  if (data === undefined) return <p class="dim">{error ?? "Reading measurements…"}</p>;
  return (
    <>
      {choice}
      {shown(data, pr).length === 0 ? (
        <p class="dim">No request in that time.</p>
      ) : (
        <Measured data={data} pr={pr} />
      )}
    </>
  );
}

interface MeasuredProps {
  readonly data: Measurements;
  readonly pr: number | undefined;
}

function Measured({ data, pr }: MeasuredProps) {
  const [latency, setLatency] = useState<Latency>("p95");
  const variants = shown(data, pr);
  const prs = variants.map((variant) => variant.pr);
  return (
    <>
      <Summary data={data} pr={pr} />
      <VerdictReasons variants={variants} />
      <div class="charts">
        <Chart title="Requests per second" unit="" prs={prs} data={chartData(data, variants, "rate")} />
        <Chart title="Failed requests" unit="%" prs={prs} data={chartData(data, variants, "errors")} />
        <div>
          <Chart title={`Latency ${latency}`} unit="ms" prs={prs} data={chartData(data, variants, latency)} />
          <Choice
            label="Latency percentile"
            values={LATENCIES}
            words={(one) => one}
            chosen={latency}
            onChoose={setLatency}
          />
        </div>
      </div>
    </>
  );
}

function Summary({ data, pr }: MeasuredProps) {
  return (
    <Scroll class="scroll" label="Measurements">
      <table>
        <caption>
          As the edge and the routers saw them; latency until an answer begins, to within a fifth
        </caption>
        <thead>
          <tr>
            <th scope="col">Served by</th>
            <th scope="col">Requests</th>
            <th scope="col">Per second</th>
            <th scope="col">Failed</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
            <th scope="col">p99</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {summary(data, shown(data, pr)).map((row) => (
            <tr key={row.pr ?? "stable"}>
              <th scope="row">
                <VariantMark pr={row.pr} />
              </th>
              <td>{row.requests}</td>
              <td>{row.perSecond}</td>
              <td>{row.errors}</td>
              <td>{row.p50}</td>
              <td>{row.p95}</td>
              <td>{row.p99}</td>
              <VerdictCell {...row} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
