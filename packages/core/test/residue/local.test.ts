import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LocalInventory, type LocalReasons, localResidue } from "@perch/core";

const EMPTY: LocalInventory = {
  instances: [],
  processes: [],
  groups: [],
  worktrees: [],
  dependencies: [],
  mirrors: [],
  refs: [],
  partial: [],
};
const REASONS: LocalReasons = {
  instances: new Set(["api-aaa-1"]),
  dependencies: new Set(["stable"]),
  mirrors: new Set(["acme--shop.git"]),
  pullRequests: new Set(["acme--shop.git#7"]),
};
const names = (inventory: Partial<LocalInventory>, reasons: LocalReasons | undefined = REASONS) =>
  localResidue({ ...EMPTY, ...inventory }, reasons).map(({ kind, name }) => `${kind} ${name}`);

describe("what is left on a machine", () => {
  it("is nothing where all that is there is wanted by the engine that runs", () => {
    const wanted = {
      instances: ["api-aaa-1"],
      processes: [
        { pid: 7, owner: "instances/api-aaa-1" },
        { pid: 8, owner: "git/acme--shop.git" },
      ],
      groups: [{ id: "api-aaa-1", folder: "/sys/fs/cgroup/perch/api-aaa-1" }],
      worktrees: [{ mirror: "acme--shop.git", folder: "instances/api-aaa-1/worktree", exists: true }],
      dependencies: ["stable"],
      mirrors: ["acme--shop.git"],
      refs: [
        { mirror: "acme--shop.git", ref: "refs/perch/pull/7", pr: 7 },
        { mirror: "acme--shop.git", ref: "refs/perch/vouched/7/81", pr: 7 },
      ],
    };
    assert.deepEqual(names(wanted), []);
  });

  it("is what a canary that is gone has left, of every kind", () => {
    const found = names({
      instances: ["api-canary-pr-1-bbb-2"],
      processes: [{ pid: 9, owner: "instances/api-canary-pr-1-bbb-2" }],
      groups: [{ id: "api-canary-pr-1-bbb-2", folder: "/sys/fs/cgroup/perch/api-canary-pr-1-bbb-2" }],
      worktrees: [
        { mirror: "acme--shop.git", folder: "instances/api-canary-pr-1-bbb-2/worktree", exists: false },
      ],
      dependencies: ["api-pr-1"],
      mirrors: ["acme--old.git"],
      refs: [
        { mirror: "acme--shop.git", ref: "refs/perch/pull/1", pr: 1 },
        { mirror: "acme--shop.git", ref: "refs/perch/vouched/1/80", pr: 1 },
        // Goes with its mirror.
        { mirror: "acme--old.git", ref: "refs/perch/pull/7", pr: 7 },
      ],
      partial: ["ports.json.1.partial"],
    });
    assert.deepEqual(found, [
      "process 9",
      "instance instances/api-canary-pr-1-bbb-2",
      "control group /sys/fs/cgroup/perch/api-canary-pr-1-bbb-2",
      "worktree git/acme--shop.git",
      "dependencies dependencies/api-pr-1",
      "mirror git/acme--old.git",
      "ref git/acme--shop.git refs/perch/pull/1",
      "ref git/acme--shop.git refs/perch/vouched/1/80",
      "file ports.json.1.partial",
    ]);
  });

  it("is every instance and process where no engine runs; what the next one will use stays", () => {
    const idle = { instances: ["api-aaa-1"], processes: [{ pid: 7, owner: "instances/api-aaa-1" }] };
    const kept = { dependencies: ["stable", "api-pr-1"], mirrors: ["acme--shop.git"] };
    const refs = [{ mirror: "acme--shop.git", ref: "refs/perch/pull/7", pr: 7 }];
    const found = localResidue({ ...EMPTY, ...idle, ...kept, refs }, undefined);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ["process", "instance"],
    );
  });
});
