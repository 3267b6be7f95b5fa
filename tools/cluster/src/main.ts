#!/usr/bin/env node
import { readdir } from "node:fs/promises";
import { PerchError } from "@perch/core";
import { Command, Option } from "commander";
import { takeDown } from "./bed/down.ts";
import { layoutOf } from "./bed/layout.ts";
import { isRunning } from "./bed/process.ts";
import { hasBed } from "./bed/state.ts";
import { buildParts, type ClusterOptions, startCluster, stateOf } from "./cluster.ts";
import { type Cluster, openCluster } from "./handle.ts";
import type { Toolbox } from "./parts/index.ts";

const started = performance.now();
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);

// whoever reads only the first lines has read enough
process.stdout.on("error", () => process.exit());

const program = new Command("perch-cluster")
  .description("A real two-node Kubernetes with Argo CD, Traefik and a fake GitHub, on this machine alone")
  .addOption(
    new Option("--state <folder>", "folder of its state; one cluster a folder (default: .perch/cluster)").env(
      "PERCH_CLUSTER",
    ),
  )
  .addHelpText(
    "after",
    `
Environment:
  PERCH_BIN         folder of binaries that are used instead of building
  PERCH_<TOOL>      file of one tool, such as PERCH_KUBE_APISERVER or PERCH_TRAEFIK
  PERCH_PARTS       where built parts are kept (default: ~/.cache/perch/parts)
A tool on PATH whose major and minor version fit is used too.`,
  );

program
  .command("up")
  .description("build what is missing, start it, and return when all is ready")
  .action(async () => {
    const cluster = await startCluster(options());
    show(cluster);
  });
program
  .command("down")
  .description("end it and remove all of it")
  .action(async () => {
    await takeDown(layoutOf(stateOf(options())));
    say("nothing is left");
  });
program
  .command("build")
  .description("build what is missing, and say where each tool comes from")
  .action(async () => showTools(await buildParts(options())));
program.command("status").description("what runs, and how to reach it").action(status);

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof PerchError ? `${error.message}\n${error.hint}` : String(error);
  process.stderr.write(`${text}\n`);
  // whatever else is being waited for no longer matters
  process.exit(1);
});

function options(): ClusterOptions {
  const { state } = program.opts<{ state?: string }>();
  return { say, ...(state === undefined ? {} : { state }) };
}

async function status(): Promise<void> {
  const layout = layoutOf(stateOf(options()));
  if (!(await hasBed(layout))) return print(`no cluster in ${layout.state}`);
  const names = await readdir(layout.records).catch(() => []);
  for (const name of names.sort()) print(`${(await isRunning(layout, name)) ? "runs" : "ended"}  ${name}`);
  if (await isRunning(layout, "forward-host")) show(await openCluster(layout));
}

function show(cluster: Cluster): void {
  print(`export KUBECONFIG=${cluster.kubeconfig}`);
  print(`tools             ${cluster.bin}`);
  print(`git repositories  ${cluster.git.folder}`);
  print(`${"".padEnd(18)}${"from this machine".padEnd(38)}inside`);
  for (const name of Object.keys(cluster.urls) as (keyof typeof cluster.urls)[])
    print(`${name.padEnd(18)}${cluster.urls[name].padEnd(38)}${cluster.innerUrls[name]}`);
  print(`a shell inside    ${cluster.inside(["bash"]).join(" ")}`);
}

function showTools(toolbox: Toolbox): void {
  for (const [name, { path, origin }] of toolbox.tools)
    print(`${name.padEnd(26)}${origin.padEnd(13)}${path}`);
  for (const note of toolbox.patched) print(`patched  ${note}`);
}
