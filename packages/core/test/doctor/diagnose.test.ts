import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Check, diagnose, isHealthy, type MachineFacts } from "@perch/core";

const GIB = 2 ** 30;

/** A machine and a project with all that is needed, but for what is given. */
function facts(change: Partial<MachineFacts>): MachineFacts {
  return {
    node: "24.1.0",
    git: "2.43.0",
    config: { kind: "valid", file: "/shop/perch.yaml", services: 1 },
    services: [],
    source: { kind: "git" },
    remotes: [{ repo: "acme/shop", remote: "https://github.com/acme/shop", problem: undefined }],
    ports: [],
    stateDir: { path: "/shop/.perch", problem: undefined, enginePid: undefined },
    disk: { free: 20 * GIB, total: 100 * GIB, files: 0, filesFree: 0 },
    front: { kind: "plain" },
    isRoot: false,
    holdsWrites: true,
    holdsProcesses: true,
    ...change,
  };
}

function missing(change: Partial<MachineFacts>): Check[] {
  return diagnose(facts(change)).filter(({ outcome }) => outcome === "missing");
}

const service = { name: "web", path: "web", hasFolder: true, isLocal: true, programs: [] };
const program = { name: "tsx", uses: ["start"], isFound: false, mayBeInstalled: false };
const port = { use: "edge", flag: "--edge-port", port: 8080 };

describe("perch doctor", () => {
  it("finds nothing missing where all is there", () => {
    assert.deepEqual(missing({}), []);
    assert.equal(isHealthy(diagnose(facts({}))), true);
  });

  const cases: readonly [claim: string, change: Partial<MachineFacts>, detail: RegExp, hint: RegExp][] = [
    ["an old Node", { node: "22.9.0" }, /22\.9\.0; expected 24/, /Install Node/],
    ["no git", { git: undefined }, /not on PATH/, /Install git/],
    ["an old git", { git: "2.28.1" }, /2\.28\.1; expected 2\.29/, /Install git/],
    ["no perch.yaml", { config: { kind: "none", message: "none in /shop" } }, /none in/, /perch init/],
    [
      "each problem of perch.yaml",
      { config: { kind: "invalid", file: "perch.yaml", problems: ["one", "two"] } },
      /2 problems:\none\ntwo$/,
      /docs\/config\.md/,
    ],
    [
      "a service's folder",
      { services: [{ ...service, hasFolder: false }] },
      /folder web is not/,
      /services\.web\.path/,
    ],
    [
      "a program",
      { services: [{ ...service, programs: [program] }] },
      /start begins with tsx/,
      /Install tsx/,
    ],
    [
      "a source's credentials",
      { source: { kind: "wrong", message: "needs credentials", hint: "Set it" } },
      /needs/,
      /Set/,
    ],
    [
      "a remote",
      { remotes: [{ repo: "a/b", remote: undefined, problem: undefined }] },
      /no remote/,
      /--remote a\/b=/,
    ],
    [
      "a remote's answer",
      { remotes: [{ repo: "a/b", remote: "u", problem: "fatal: x" }] },
      /fatal: x/,
      /git ls-remote u/,
    ],
    [
      "a port",
      { ports: [{ ...port, state: { kind: "taken", reason: "nginx" } }] },
      /edge, and nginx/,
      /--edge-port/,
    ],
    [
      "a port of another project's engine",
      { ports: [{ ...port, state: { kind: "other-engine", stateDir: "/other" } }] },
      /engine of \/other/,
      /--edge-port/,
    ],
    [
      "a writable state folder",
      { stateDir: { path: "/s", problem: "EROFS", enginePid: undefined } },
      /EROFS/,
      /--state-dir/,
    ],
    [
      "room on the disk",
      { disk: { free: GIB / 2, total: 100 * GIB, files: 0, filesFree: 0 } },
      /nearly full/,
      /room/,
    ],
  ];
  for (const [claim, change, detail, hint] of cases) {
    it(`names ${claim} that is missing, and what to do`, () => {
      const [check, ...more] = missing(change);
      assert.match(check?.detail ?? "", detail);
      assert.match(check?.hint ?? "", hint);
      assert.deepEqual(more, []);
      assert.equal(isHealthy(diagnose(facts(change))), false);
    });
  }

  it("says what holds pull requests' processes, and what does not", () => {
    const said = (change: Partial<MachineFacts>) => {
      const { outcome, detail } = diagnose(facts(change)).find(({ name }) => name === "isolation") ?? {};
      return `${outcome}: ${detail}`;
    };
    assert.match(said({}), /^ok: .*nothing but their own folder.*; they see and signal no processes but/);
    assert.match(said({ holdsProcesses: false }), /^note: .*nothing but their own.*; they can signal every/);
    assert.match(said({ holdsWrites: false, holdsProcesses: false }), /^note: .*whatever this user can;/);
    assert.match(said({ isRoot: true }), /^note: .*nothing but their own folder.*; this user is root/);
  });

  it("tells a port that the service may open, and this shell may not, from one that is taken", () => {
    const checks = diagnose(facts({ ports: [{ ...port, port: 443, state: { kind: "forbidden" } }] }));
    const { outcome, hint } = checks.find(({ name }) => name === "port 443") ?? {};
    assert.deepEqual([outcome, /--systemd/.test(hint ?? "")], ["note", true]);
    assert.equal(isHealthy(checks), true);
  });

  it("counts as no fault what is only good to know", () => {
    const change: Partial<MachineFacts> = {
      services: [
        { ...service, isLocal: false },
        { ...service, programs: [{ ...program, mayBeInstalled: true }] },
      ],
      ports: [{ ...port, state: { kind: "this-engine" } }],
      stateDir: { path: "/s", problem: undefined, enginePid: 7 },
      holdsWrites: false,
    };
    assert.deepEqual(missing(change), []);
    const notes = diagnose(facts(change)).filter(({ outcome }) => outcome === "note");
    assert.deepEqual(
      notes.map(({ name }) => name),
      ["web", "web", "state folder", "isolation"],
    );
  });
});
