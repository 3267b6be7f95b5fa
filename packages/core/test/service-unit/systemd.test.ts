import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PerchError, systemdUnit, type UnitFacts } from "@perch/core";

const FACTS: UnitFacts = {
  scope: "system",
  project: "shop",
  command: ["/usr/bin/node", "/opt/perch/perch.js", "up", "--edge-port", "80"],
  workingDirectory: "/srv/shop",
  path: "/usr/bin:/bin",
  user: "perch",
  hasLowPort: false,
  stopTimeout: 50_500,
};

/** Settings by section and key, as systemd reads lines; comments say nothing. */
function settings(unit: string): Map<string, string> {
  let section = "";
  const found = new Map<string, string>();
  for (const line of unit.split("\n").filter((one) => one !== "" && !one.startsWith("#"))) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) section = name;
    else {
      const [, key = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? assert.fail(`no setting: ${line}`);
      found.set(`${section}.${key}`, value);
    }
  }
  return found;
}

describe("a systemd unit", () => {
  it("runs the engine in the foreground, starts it again after a crash, and not after wrong usage", () => {
    const unit = settings(systemdUnit(FACTS));
    assert.equal(unit.get("Service.ExecStart"), "/usr/bin/node /opt/perch/perch.js up --edge-port 80");
    assert.equal(unit.get("Service.WorkingDirectory"), "/srv/shop");
    assert.equal(unit.get("Service.Restart"), "on-failure");
    assert.equal(unit.get("Service.RestartPreventExitStatus"), "2");
    // An address that comes minutes after the boot: seconds times tries.
    assert.ok(
      Number.parseInt(unit.get("Service.RestartSec") ?? "", 10) * Number(unit.get("Unit.StartLimitBurst")) >=
        180,
    );
    assert.equal(unit.get("Install.WantedBy"), "multi-user.target");
  });

  it("leaves canaries alive when the engine dies, so that the next one adopts them, and gives a stop its time", () => {
    const unit = settings(systemdUnit(FACTS));
    assert.equal(unit.get("Service.KillMode"), "process");
    assert.equal(unit.get("Service.KillSignal"), "SIGTERM");
    assert.equal(unit.get("Service.TimeoutStopSec"), "51s");
    assert.equal(unit.get("Service.OOMPolicy"), "continue");
  });

  it("has its secrets in a file, and none in itself", () => {
    const unit = systemdUnit(FACTS);
    assert.equal(settings(unit).get("Service.EnvironmentFile"), "-%E/perch/shop.env");
    assert.doesNotMatch(unit, /^(?:Environment|PassEnvironment)=.*TOKEN/m);
  });

  it("forbids what is not needed", () => {
    const unit = settings(systemdUnit(FACTS));
    for (const key of ["NoNewPrivileges", "ProtectKernelModules", "PrivateDevices", "LockPersonality"])
      assert.equal(unit.get(`Service.${key}`), "yes");
    for (const key of ["SystemCallFilter", "MemoryDenyWriteExecute", "PrivateTmp"])
      assert.equal(unit.has(`Service.${key}`), false, key);
  });

  // What the remaining settings mount is tried with the real sandbox in the engine's tests (processes/sandbox.test.ts).
  it("leaves pull requests' code the namespaces that hold it, and a /proc of which nothing is hidden", () => {
    const namespaces = ["RestrictNamespaces", "PrivateUsers", "PrivatePIDs"];
    // Each of these mounts over a part of /proc, or another /proc.
    const proc = [
      "ProtectKernelTunables",
      "ProtectKernelLogs",
      "ProtectHostname",
      "ProtectProc",
      "ProcSubset",
      "InaccessiblePaths",
      "ReadOnlyPaths",
      "ReadWritePaths",
      "BindPaths",
      "BindReadOnlyPaths",
      "TemporaryFileSystem",
      "RootDirectory",
      "RootImage",
      "MountAPIVFS",
    ];
    for (const scope of ["system", "user"] as const) {
      const unit = settings(systemdUnit({ ...FACTS, scope }));
      for (const key of [...namespaces, ...proc]) assert.equal(unit.has(`Service.${key}`), false, key);
    }
  });

  it("lets the engine make control groups of its own, beside the one that it is in", () => {
    for (const scope of ["system", "user"] as const) {
      const unit = settings(systemdUnit({ ...FACTS, scope }));
      assert.equal(unit.get("Service.Delegate"), "cpu memory pids");
      assert.equal(unit.get("Service.DelegateSubgroup"), "engine");
      // It would make them read-only.
      assert.equal(unit.has("Service.ProtectControlGroups"), false);
    }
  });

  it("of a user has neither a user's name nor what only the system's manager may do", () => {
    const unit = settings(systemdUnit({ ...FACTS, scope: "user" }));
    for (const key of ["User", "ProtectSystem", "CapabilityBoundingSet"])
      assert.equal(unit.has(`Service.${key}`), false, key);
    assert.equal(unit.get("Install.WantedBy"), "default.target");
  });

  it("may open ports below 1024 only where it is told to", () => {
    assert.equal(settings(systemdUnit(FACTS)).get("Service.CapabilityBoundingSet"), "");
    const low = settings(systemdUnit({ ...FACTS, hasLowPort: true }));
    for (const key of ["AmbientCapabilities", "CapabilityBoundingSet"])
      assert.equal(low.get(`Service.${key}`), "CAP_NET_BIND_SERVICE");
  });

  it("takes every word as it is, whatever signs it has", () => {
    const command = ["/usr/bin/node", "a b", "100%", "$HOME", 'say "x"', "back\\slash", "two\nlines"];
    const unit = settings(systemdUnit({ ...FACTS, command, path: "/a b:/c" }));
    assert.equal(
      unit.get("Service.ExecStart"),
      String.raw`/usr/bin/node "a b" 100%% $$HOME "say \"x\"" "back\\slash" "two\x0alines"`,
    );
    assert.equal(unit.get("Service.Environment"), '"PATH=/a b:/c"');
  });

  it("is refused for a folder that a unit cannot name", () => {
    assert.throws(
      () => systemdUnit({ ...FACTS, workingDirectory: "/srv/a\nExecStart=/bin/evil" }),
      (error) => error instanceof PerchError && error.code === "USAGE",
    );
  });
});
