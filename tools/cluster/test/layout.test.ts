import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { layoutOf, recipeEnvironment } from "../src/bed/layout.ts";

describe("layoutOf", () => {
  it("gives two beds no name in common, whatever their folders", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), fc.stringMatching(/^[a-z]{1,20}$/), (one, other) => {
        fc.pre(one !== other);
        const names = (folder: string) => {
          const layout = layoutOf(`/beds/${folder}`);
          return [layout.bed, layout.runtime, ...layout.nodes.flatMap((node) => [node.network, node.cgroup])];
        };
        const taken = new Set(names(one));
        assert.ok(names(other).every((name) => !taken.has(name)));
      }),
    );
  });

  it("is the same for one folder, however it is written", () => {
    assert.deepEqual(layoutOf("/beds/../beds/one/"), layoutOf("/beds/one"));
  });

  it("keeps sockets short enough for the kernel, however long the folder's path is", () => {
    const { nodes } = layoutOf(`/${"long/".repeat(60)}`);
    for (const node of nodes) assert.ok(Buffer.byteLength(node.containerdSocket) <= 107);
  });

  it("puts the first node into the bed's network and each other one into its own", () => {
    const layout = layoutOf("/beds/one");
    assert.deepEqual(
      layout.nodes.map((node) => node.network),
      [layout.network, `${layout.network}-node2`],
    );
  });

  it("tells the recipes every node with its address", () => {
    assert.equal(recipeEnvironment(layoutOf("/beds/one")).NODES, "node1=10.99.0.1 node2=10.99.0.2");
  });
});
