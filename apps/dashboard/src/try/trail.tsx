import type { Trail } from "@perch/header";
import { useEffect, useRef, useState } from "preact/hooks";
import { layoutTrail, NODE, type TrailNode, trailText } from "./trail-layout.ts";

/** A trail as a path through the services. */
export function TrailPath({ trail }: { trail: Trail }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const layout = layoutTrail(trail, width);
  return (
    <div ref={place} class="trail">
      <ol class="hidden">
        {trailText(trail).map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
      <svg width={layout.width} height={layout.height} aria-hidden="true" focusable="false">
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            orient="auto-start-reverse"
          >
            <path d="M0 0l8 4-8 4z" class="arrow" />
          </marker>
        </defs>
        {layout.links.map((d) => (
          <path key={d} d={d} class="trail-link" marker-end="url(#arrow)" />
        ))}
        {layout.nodes.map((node) => (
          <Node key={`${node.x} ${node.y}`} node={node} />
        ))}
      </svg>
    </div>
  );
}

function Node({ node: { kind, title, detail, note, x, y } }: { node: TrailNode }) {
  const { width, height } = NODE;
  return (
    <g transform={`translate(${x} ${y})`} class={`node node-${kind}`}>
      <Shape kind={kind} />
      <text x={width / 2} y={height / 2 - 8} class="node-title">
        {clipped(title)}
      </text>
      <text x={width / 2} y={height / 2 + 8} class="node-detail">
        {detail}
      </text>
      <text x={width / 2} y={height - 9} class="node-note">
        {note}
      </text>
    </g>
  );
}

/** Stable is a box, a canary has points on its sides, what gave no answer has a broken border. */
function Shape({ kind }: Pick<TrailNode, "kind">) {
  const { width, height } = NODE;
  if (kind === "canary") {
    const point = 14;
    const d = `M${point} 1H${width - point}L${width - 1} ${height / 2}L${width - point} ${height - 1}H${point}L1 ${height / 2}z`;
    return <path d={d} class="node-shape" />;
  }
  const radius = kind === "you" ? height / 2 : 6;
  return <rect x="1" y="1" width={width - 2} height={height - 2} rx={radius} class="node-shape" />;
}

/** A service's name has at most 40 characters; the list beside the drawing has it whole. */
function clipped(name: string): string {
  return name.length > 16 ? `${name.slice(0, 15)}…` : name;
}
