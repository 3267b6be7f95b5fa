import { PerchError } from "../errors.ts";

/** Who runs the unit: the machine from its start on, or one user's own systemd. */
export type UnitScope = "system" | "user";

export interface UnitFacts {
  readonly scope: UnitScope;
  readonly project: string;
  /** The command and its arguments; the first is an absolute path. */
  readonly command: readonly string[];
  /** Absolute path. */
  readonly workingDirectory: string;
  /** `PATH` of the commands that services are installed, built and started by. */
  readonly path: string;
  /** Who it runs as, where the scope is `system`; never root: it runs pull requests' code. */
  readonly user: string;
  /** It listens on ports below 1024, which only some may. */
  readonly hasLowPort: boolean;
  /** Milliseconds that the engine may take to end all that it started. */
  readonly stopTimeout: number;
}

/** The unit's name: one for each project of a machine. */
export const unitName = (project: string) => `perch-${project}.service`;

/** The file that the unit reads secrets from, as a path in a unit: `%E` is the folder of configuration. */
export const secretsFile = (project: string) => `%E/perch/${project}.env`;

/**
 * A systemd unit (systemd.service(5), systemd.exec(5)) that runs the engine in the foreground.
 * @throws PerchError USAGE for a path that no unit can name
 */
export function systemdUnit(facts: UnitFacts): string {
  const { scope, project, command, workingDirectory, path, user, hasLowPort, stopTimeout } = facts;
  return `${head(facts)}
[Unit]
Description=perch: canaries of ${project}
${scope === "system" ? "Wants=network-online.target\nAfter=network-online.target\n" : ""}# For minutes: the machine may get its address only after its boot. Without growing pauses, which systemd never makes short again.
StartLimitIntervalSec=10min
StartLimitBurst=100

[Service]
Type=exec
ExecStart=${command.map(word).join(" ")}
WorkingDirectory=${plainPath(workingDirectory)}
Environment=${word(`PATH=${path}`)}
# GITHUB_TOKEN, or PERCH_GITHUB_APP_ID and PERCH_GITHUB_APP_PRIVATE_KEY, and PERCH_WEBHOOK_SECRET, a line each. Readable by its owner alone.
EnvironmentFile=-${secretsFile(project)}
${scope === "system" ? `# Never root: it runs pull requests' code.\nUser=${user}\n` : ""}
Restart=on-failure
RestartSec=2s
# Wrong usage, or a perch.yaml that is not valid: the next start would end in the same way.
RestartPreventExitStatus=2

# On stop the engine itself ends all that it started. When it crashes, canaries go on, and the next start adopts them.
KillMode=process
KillSignal=SIGTERM
TimeoutStopSec=${Math.ceil(stopTimeout / 1000)}s
# One canary that takes too much memory is ended; the others go on.
OOMPolicy=continue
# What all of it together may use: choose for your machine. What one canary may use is canary.quota in perch.yaml, which the
# engine holds it to by control groups of its own, beside its own (systemd 254 and later).
#MemoryMax=8G
#CPUQuota=400%
Delegate=cpu memory pids
DelegateSubgroup=engine
LimitNOFILE=65536

# What neither the engine nor its services need. Namespaces stay allowed, and nothing is mounted over a part of /proc: both are needed to
# hold what pull requests run. So do not add RestrictNamespaces, ProtectKernelTunables, ProtectKernelLogs, ProtectHostname or ProtectProc.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
UMask=0077
${scope === "system" ? capabilities(hasLowPort) + SYSTEM_ONLY : ""}
[Install]
WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}
`;
}

/**
 * Of a user's own systemd the kernel allows none of these. No PrivateTmp: it would be emptied under canaries that outlive a crash.
 *
 * No ProtectKernelTunables, ProtectKernelLogs and ProtectHostname either: they mount over parts of /proc, and where any part is hidden the
 * kernel gives a user namespace no /proc of its own (mount_too_revealing in fs/namespace.c), which the PID namespace of a canary needs.
 * What they protect is out of reach all the same: this user is not root, has no capability and gains none.
 */
const SYSTEM_ONLY = `PrivateDevices=yes
ProtectSystem=full
ProtectClock=yes
ProtectKernelModules=yes
`;

function capabilities(hasLowPort: boolean): string {
  if (!hasLowPort) return "CapabilityBoundingSet=\n";
  return "# For ports below 1024. What namespaces hold does not keep it: docs/isolation.md of perch.\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE\n";
}

function head({ scope, project, user, workingDirectory }: UnitFacts): string {
  const name = unitName(project);
  const secrets = scope === "system" ? `/etc/perch/${project}.env` : `~/.config/perch/${project}.env`;
  const lines =
    scope === "system"
      ? [
          `sudo -iu ${user} sh -c 'cd ${workingDirectory} && npx perch up … --systemd' | sudo tee /etc/systemd/system/${name}`,
          `sudo install -D -m 600 /dev/null ${secrets}    # then write the secrets into it`,
          `sudo systemctl daemon-reload && sudo systemctl enable --now ${name}`,
          `journalctl -u ${name} -f`,
        ]
      : [
          `perch up --systemd user > ~/.config/systemd/user/${name}`,
          `install -D -m 600 /dev/null ${secrets}    # then write the secrets into it`,
          `systemctl --user daemon-reload && systemctl --user enable --now ${name}`,
          "loginctl enable-linger    # so that it runs while you are not logged in",
        ];
  return ["Written by `perch up --systemd`. Install it, with the flags that it was written with:", ...lines]
    .map((line, index) => `# ${index === 0 ? "" : "  "}${line}\n`)
    .join("");
}

/** A word of a command line in a unit: quoted where it must be; `%` and `$` are themselves (systemd.service(5), Command lines). */
function word(text: string): string {
  const escaped = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w@%+=:,./$-]+$/.test(escaped)) return escaped;
  return `"${escaped.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, hex)}"`;
}

const hex = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** WorkingDirectory takes the rest of the line as it is. */
function plainPath(path: string): string {
  if (!/^\s|\s$|\p{Cc}/u.test(path)) return path.replaceAll("%", "%%");
  throw new PerchError({
    code: "USAGE",
    message: `A systemd unit cannot name the folder ${JSON.stringify(path)}.`,
    hint: "Use a folder without line ends and other control characters in its name.",
    fault: "user",
  });
}
