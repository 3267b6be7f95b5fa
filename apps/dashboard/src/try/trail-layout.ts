import type { Hop, Trail } from "@perch/header";

/** Pixels. */
export const NODE = { width: 148, height: 62 } as const;
const GAP = { x: 36, y: 34 } as const;
const MARGIN = 6;

/** One station of a request, and where it is drawn: its top left corner. */
export interface TrailNode {
  readonly kind: "you" | "stable" | "canary" | "unreachable" | "cut";
  readonly title: string;
  /** Stable or canary, in words. */
  readonly detail: string;
  /** The revision, and what else there is to say. */
  readonly note: string;
  readonly x: number;
  readonly y: number;
}

export interface TrailLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly TrailNode[];
  /** A path for each step from one node to the next, in the grammar of an SVG `d`. */
  readonly links: readonly string[];
}

/** Lays a trail out in call order, in as many rows as the width (pixels) asks for. */
export function layoutTrail(trail: Trail, width: number): TrailLayout {
  const stations = stationsOf(trail);
  const columns = Math.max(1, Math.floor((width - 2 * MARGIN + GAP.x) / (NODE.width + GAP.x)));
  const nodes = stations.map((station, index) => ({
    ...station,
    x: MARGIN + (index % columns) * (NODE.width + GAP.x),
    y: MARGIN + Math.floor(index / columns) * (NODE.height + GAP.y),
  }));
  const used = Math.min(columns, nodes.length);
  return {
    width: 2 * MARGIN + used * NODE.width + (used - 1) * GAP.x,
    height: 2 * MARGIN + (nodes.at(-1)?.y ?? 0) - MARGIN + NODE.height,
    nodes,
    links: nodes.slice(1).map((node, index) => link(nodes[index] ?? node, node)),
  };
}

type Station = Omit<TrailNode, "x" | "y">;

function stationsOf({ hops, cut }: Trail): Station[] {
  const you: Station = { kind: "you", title: "Request", detail: "to the edge", note: "" };
  const more: Station[] =
    cut === undefined ? [] : [{ kind: "cut", title: "…", detail: `${cut} more left out`, note: "" }];
  return [you, ...hops.map(station), ...more];
}

function station(hop: Hop): Station {
  const { service: title, pr } = hop;
  const note = [shortRevision(hop), ...remarks(hop)].filter((part) => part !== undefined).join(" · ");
  if (hop.note === "unreachable") return { kind: "unreachable", title, detail: "gave no answer", note };
  if (pr === undefined) return { kind: "stable", title, detail: "stable", note };
  return { kind: "canary", title, detail: `canary of PR ${pr}`, note };
}

function shortRevision({ rev }: Hop): string | undefined {
  return rev !== undefined && rev.length > 12 ? `${rev.slice(0, 11)}…` : rev;
}

function remarks({ n, note }: Hop): string[] {
  const times = n === undefined ? [] : [`${n}×`];
  if (note === "invalid-selector") return [...times, "invalid selector"];
  return note === "partial" ? [...times, "partial"] : times;
}

/** Straight on in a row; over the gap between rows to the next one's beginning. */
function link(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const middle = NODE.height / 2;
  if (from.y === to.y) return `M${from.x + NODE.width} ${from.y + middle}H${to.x}`;
  const center = NODE.width / 2;
  return `M${from.x + center} ${from.y + NODE.height}V${to.y - GAP.y / 2}H${to.x + center}V${to.y}`;
}

/** The same in words: who cannot see the drawing hears this. */
export function trailText({ hops, cut }: Trail): string[] {
  const lines = hops.map((hop) => {
    const revision = hop.rev === undefined ? [] : [`revision ${hop.rev}`];
    return [`${hop.service}: ${station(hop).detail}`, ...revision, ...remarks(hop)].join(", ");
  });
  return cut === undefined ? lines : [...lines, `${cut} more left out`];
}
