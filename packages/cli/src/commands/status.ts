import { type ClusterStatus, PerchError, type Status } from "@perch/core";
import { Command, Option } from "commander";
import { looksAfter } from "../cluster/looks.ts";
import { addClusterOptions } from "../cluster/options.ts";
import { readClusterStatus } from "../cluster/status.ts";
import { connectEngine } from "../engine-client.ts";
import { configOption, jsonOption, port, stateDirOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import { renderStatus } from "../output/render-status.ts";
import { createScreen } from "../output/screen.ts";
import { findProject, locateStateDir, readConfig } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly serve?: number;
}

/** Milliseconds between two looks at a cluster; each lists all that is of a canary. */
const LOOK_INTERVAL = 3_000;

export function statusCommand(): Command {
  const command = new Command("status").option(
    "--cluster",
    "of a Kubernetes cluster, read with kubectl, in place of the engine on this machine",
  );
  return addClusterOptions(command)
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(
      new Option(
        "--serve <port>",
        "with --cluster: the status API and the dashboard on loopback, until Ctrl-C",
      )
        .argParser(port)
        .conflicts(["json", "watch"]),
    )
    .option("-w, --watch", "redraw on every change, until Ctrl-C")
    .addHelpText(
      "after",
      `
Examples:
  perch status
  perch status --json | jq '.services[].canaries[].selector'
  perch status --cluster --context dev
  perch status --cluster --serve 8090   # for the dashboard and the extension`,
    )
    .action(run);
}

const OF_A_CLUSTER = ["serve", "context", "kubeconfig"] as const;

async function run(flags: Flags): Promise<void> {
  const misplaced = OF_A_CLUSTER.find((flag) => flags.cluster === undefined && flags[flag] !== undefined);
  if (misplaced !== undefined) throw onlyOfCluster(misplaced);
  if (flags.serve !== undefined) return serve(flags.serve, flags);
  if (flags.watch === true) {
    const screen = createScreen(process.stdout);
    for await (const status of await statuses(flags)) screen.show(format(status, flags));
    return;
  }
  const status = flags.cluster === true ? await ofCluster(flags) : await (await engineOf(flags)).status();
  process.stdout.write(format(status, flags));
  process.exitCode = status.problems.length === 0 ? EXIT.ok : EXIT.failed;
}

async function serve(port: number, flags: Flags): Promise<void> {
  const first = await ofCluster(flags);
  const { serveLooks } = await import("../cluster/serve.ts");
  await serveLooks({ first, next: laterLooks(first, flags), port }, (url) => {
    process.stdout.write(`The status of the cluster is at ${url}/ until Ctrl-C.\n`);
  });
}

function onlyOfCluster(flag: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message: `--${flag} is of a cluster.`,
    hint: "Add --cluster. Without it this is the status of the engine on this machine, which serves it and the dashboard by itself.",
    fault: "user",
  });
}

async function statuses(flags: Flags): Promise<AsyncIterable<Status | ClusterStatus>> {
  return flags.cluster === true ? looksAtCluster(flags) : (await engineOf(flags)).statuses();
}

async function engineOf(flags: Flags) {
  return connectEngine(await locateStateDir(flags));
}

async function ofCluster(flags: Flags): Promise<ClusterStatus> {
  return readClusterStatus(await readConfig(await findProject(flags.config)), flags);
}

async function* looksAtCluster(flags: Flags): AsyncIterable<ClusterStatus> {
  const first = await ofCluster(flags);
  yield first;
  yield* laterLooks(first, flags);
}

function laterLooks(first: ClusterStatus, flags: Flags): AsyncIterable<ClusterStatus> {
  return looksAfter(first, () => ofCluster(flags), LOOK_INTERVAL);
}

function format(status: Status | ClusterStatus, flags: Flags): string {
  if (flags.json === true) return `${JSON.stringify(status, undefined, 2)}\n`;
  return renderStatus(status, { now: Date.now() });
}
