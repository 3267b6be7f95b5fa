import { type Config, PerchError, refreshEvent, stuckPods } from "@perch/core";
import { Command, Option } from "commander";
import { addSubject, dryRunOption, type SubjectFlags, serviceList, webAddress } from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { refreshByWebhook } from "../../ci/refresh.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";
import { canaryPods, restartPod } from "../../cluster/canary-pods.ts";
import { kubectl } from "../../cluster/kubectl.ts";
import { addClusterOptions } from "../../cluster/options.ts";
import { configOption } from "../../options.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly services: readonly string[];
  readonly webhookUrl?: string;
  readonly applicationset?: string;
  readonly restart?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export function refreshCommand(): Command {
  const command = addSubject(new Command("refresh"))
    .description("After the push of an image: Argo CD looks again at once, and pods stuck on it start anew.")
    .option("--services <services>", "whose pods to look at, with --restart", serviceList, [])
    .addOption(
      new Option(
        "--webhook-url <url>",
        "/api/webhook of the applicationset-controller; its secret is in PERCH_WEBHOOK_SECRET",
      )
        .env("PERCH_WEBHOOK_URL")
        .argParser(webAddress),
    )
    .option("--applicationset <name>", "annotate this ApplicationSet, by kubectl")
    .option("--restart", "delete pods that wait for the image which is there by now, by kubectl");
  return addClusterOptions(command)
    .addOption(configOption())
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
All of it is optional: without any of it the next poll finds the same.

Examples:
  perch ci refresh                # with PERCH_WEBHOOK_URL and PERCH_WEBHOOK_SECRET
  perch ci refresh --applicationset canaries-acme-shop --services api,store --restart --context dev`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const subject = await readSubjectWithHead(flags);
  const isDryRun = flags.dryRun === true;
  const refreshed = await refresh(flags, subject, isDryRun);
  const restarted = flags.restart === true ? await restartStuck(flags, subject, isDryRun) : [];
  const lines = [
    ...refreshed.map((way) => `Argo CD looks again (${way}).`),
    ...restarted.map((pod) => `Restarted ${pod}.`),
  ];
  if (lines.length === 0) lines.push("Nothing to refresh: the next poll finds the image.");
  await writeOutputs({ refreshed, restarted }, { json: flags.json, text: `${lines.join("\n")}\n` });
}

async function refresh(
  flags: Flags,
  subject: { readonly repo: string; readonly pr: number; readonly head: string },
  isDryRun: boolean,
): Promise<string[]> {
  const done: string[] = [];
  if (flags.webhookUrl !== undefined && flags.webhookUrl !== "") {
    const secret = process.env.PERCH_WEBHOOK_SECRET;
    if (secret === undefined || secret === "") throw noSecret();
    const config: Config = await readConfig(await findProject(flags.config));
    if (!isDryRun) await refreshByWebhook(flags.webhookUrl, secret, refreshEvent(config, subject));
    done.push("webhook");
  }
  if (flags.applicationset !== undefined) {
    if (!isDryRun) await annotate(flags.applicationset, flags);
    done.push("annotation");
  }
  return done;
}

/**
 * The controller removes the annotation after a look, also one that was asked for again meanwhile: "true" over "true" is no
 * change, and is lost with it. A value of its own is a change, which the controller cannot miss.
 */
async function annotate(name: string, flags: Flags): Promise<void> {
  if (!/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/.test(name))
    throw usage("It is no name of an ApplicationSet.");
  const annotation = `argocd.argoproj.io/application-set-refresh=${new Date().toISOString()}`;
  await kubectl(
    ["annotate", "applicationset", name, "--namespace", "argocd", "--overwrite", annotation],
    flags,
  );
}

async function restartStuck(
  flags: Flags,
  { pr, head }: { readonly pr: number; readonly head: string },
  isDryRun: boolean,
): Promise<string[]> {
  const restarted: string[] = [];
  for (const service of flags.services) {
    for (const pod of stuckPods(await canaryPods(service, pr, flags), pr, head)) {
      if (!isDryRun) await restartPod(pod, flags);
      restarted.push(`${pod.namespace}/${pod.name}`);
    }
  }
  return restarted;
}

function noSecret(): PerchError {
  return new PerchError({
    code: "USAGE",
    message: "There is no secret to sign the event with.",
    hint: "Set PERCH_WEBHOOK_SECRET to webhook.github.secret of argocd-secret; never write it into an argument or a file.",
    fault: "user",
  });
}

function usage(message: string): PerchError {
  return new PerchError({
    code: "USAGE",
    message,
    hint: "perch ci refresh --help has examples.",
    fault: "user",
  });
}
