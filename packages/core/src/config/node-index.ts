import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { Position } from "./lines.ts";
import { describe, formatPath } from "./text.ts";

/** A flaw of the text itself, already with its place. */
export interface Flaw extends Position {
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** Finds nodes by path, and on the way what the parser lets pass: keys given twice, aliases without an anchor. */
export class NodeIndex {
  readonly flaws: Flaw[] = [];
  #unresolved = false;
  #dropped = false;
  readonly #pairs = new Map<YAMLMap, Map<string, Pair>>();
  readonly #targets = new Map<Alias, Node>();
  readonly #anchors = new Map<string, Node>();
  readonly #position: (offset: number) => Position;

  constructor(position: (offset: number) => Position) {
    this.#position = position;
  }

  /** Whether each alias has its anchor, also after what was reported is left out. */
  get resolves(): boolean {
    return !this.#unresolved && !(this.#dropped && this.#targets.size > 0);
  }

  visit(node: unknown, path: readonly PropertyKey[]): void {
    if (isAlias(node)) this.#visitAlias(node, path);
    if (isMap(node)) this.#visitMap(node, path);
    if (isSeq(node)) for (const [i, item] of node.items.entries()) this.visit(item, [...path, i]);
    // An anchor counts from its node's end, so that a node which contains itself does not resolve.
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
  }

  #visitAlias(alias: Alias, path: readonly PropertyKey[]): void {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) this.#targets.set(alias, target);
    else {
      this.#unresolved = true;
      this.#report(alias, path, `no anchor ${describe(alias.source)} ends before this alias`);
    }
  }

  #visitMap(map: YAMLMap, path: readonly PropertyKey[]): void {
    const pairs = new Map<string, Pair>();
    this.#pairs.set(map, pairs);
    for (const pair of map.items) {
      const key = keyOf(pair);
      const first = pairs.get(key);
      const keyPath = [...path, key];
      if (first !== undefined) {
        const { line } = this.#position(startOf(first.key) ?? 0);
        this.#report(pair.key, keyPath, `given twice; the first is on line ${line}`);
      } else if (key === "__proto__") {
        // JavaScript gives this one name a meaning of its own.
        this.#report(pair.key, keyPath, "not a possible key");
      } else pairs.set(key, pair);
      this.visit(pair.value, keyPath);
    }
    // What was reported is left out of the data, so that it is not reported again as something else.
    if (pairs.size < map.items.length) {
      map.items = [...pairs.values()];
      this.#dropped = true;
    }
  }

  #report(node: unknown, path: readonly PropertyKey[], message: string): void {
    this.flaws.push({ ...this.#position(startOf(node) ?? 0), path: formatPath(path), message });
  }

  offsetOf(document: Document, path: readonly PropertyKey[], at: "key" | "value"): number {
    let node: unknown = document.contents;
    let found = startOf(node) ?? 0;
    for (const [depth, segment] of path.entries()) {
      node = isAlias(node) ? this.#targets.get(node) : node;
      const isLast = depth === path.length - 1;
      if (isMap(node)) {
        const pair = this.#pairs.get(node)?.get(String(segment));
        if (pair === undefined) return found;
        found = startOf(pair.key) ?? found;
        if (isLast && at === "key") return found;
        node = pair.value;
      } else if (isSeq(node)) node = node.items[Number(segment)];
      if (isLast) found = startOf(node) ?? found;
    }
    return found;
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

/** Where a node's text starts; `undefined` for an empty one, which has no text to point at. */
function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  const range = node.range;
  return range && range[1] > range[0] ? range[0] : undefined;
}
