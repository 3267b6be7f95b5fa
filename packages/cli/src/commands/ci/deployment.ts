import {
  type Config,
  canaryUrl,
  DEPLOYMENT_STATES,
  type DeploymentState,
  type DeploymentStatus,
  environmentName,
  requireCurrent,
  requireServices,
  shortReason,
} from "@perch/core";
import { Command, Option } from "commander";
import { githubFromEnvironment } from "../../ci/github.ts";
import {
  addGithub,
  addSubject,
  dryRunOption,
  type SubjectFlags,
  serviceList,
  webAddress,
} from "../../ci/options.ts";
import { writeOutputs } from "../../ci/output.ts";
import { readSubjectWithHead } from "../../ci/subject.ts";
import { findProject, readConfig } from "../../project.ts";

interface Flags extends SubjectFlags {
  readonly state: DeploymentState;
  readonly services: readonly string[];
  readonly reason?: string;
  readonly logUrl?: string;
}

export function deploymentCommand(): Command {
  return addGithub(addSubject(new Command("deployment")))
    .description("One GitHub Deployment per service and pull request, and its status.")
    .addOption(new Option("--state <state>", "what to say").choices(DEPLOYMENT_STATES).makeOptionMandatory())
    .requiredOption("--services <services>", "of which services", serviceList)
    .option("--reason <text>", "why, for people; 140 characters are shown")
    .option("--log-url <url>", "where the log is", webAddress)
    .addOption(dryRunOption())
    .addHelpText(
      "after",
      `
Its environment is called like the canary's namespace, and its URL is the share link. Earlier heads end when the new one serves.

Examples:
  perch ci deployment --state in_progress --services api,store
  perch ci deployment --state failure --services store --reason "the image did not build" --log-url "$RUN_URL"`,
    )
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { repo, pr, head } = await readSubjectWithHead(flags);
  const config = await readConfig(await findProject(flags.config));
  requireServices(config, repo, flags.services);
  const repository = await githubFromEnvironment(repo, flags.apiUrl);
  const { readPullRequest, settleDeployment } = await import("@perch/engine/github");
  requireCurrent(await readPullRequest(repository, pr), head);
  const deployments: object[] = [];
  for (const service of flags.services) {
    const environment = environmentName(service, pr);
    const wanted = statusOf(flags, config, service, pr);
    const result =
      flags.dryRun === true ? {} : await settleDeployment(repository, { environment, ref: head }, wanted);
    deployments.push({ service, environment, state: flags.state, ...result });
  }
  const lines = flags.services.map((service) => `${environmentName(service, pr)}  ${flags.state}\n`);
  await writeOutputs({ deployments }, { json: flags.json, text: lines.join("") });
}

function statusOf(flags: Flags, config: Config, service: string, pr: number): DeploymentStatus {
  const isThere = flags.state === "success" || flags.state === "in_progress";
  return {
    state: flags.state,
    description: shortReason(flags.reason ?? ""),
    environmentUrl: isThere ? canaryUrl(config, service, pr) : "",
    logUrl: flags.logUrl ?? "",
  };
}
