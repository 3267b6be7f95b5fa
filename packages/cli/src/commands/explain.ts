import { styleText } from "node:util";
import type { Explanation } from "@perch/core";
import { Command } from "commander";
import { connectEngine } from "../engine-client.ts";
import { configOption, jsonOption, stateDirOption } from "../options.ts";
import { locateStateDir } from "../project.ts";

interface Flags {
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

export function explainCommand(): Command {
  return new Command("explain")
    .argument("[selector]", "value of X-Canary; leave it out to see where untagged requests go")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText("after", "\nExamples:\n  perch explain 7\n  perch explain 'api=2,store=1'")
    .action(run);
}

async function run(selector: string | undefined, flags: Flags): Promise<void> {
  const engine = await connectEngine(await locateStateDir(flags));
  const query = selector === undefined ? "" : `?selector=${encodeURIComponent(selector)}`;
  const answer = await engine.get<{ services: Explanation[] }>(`/api/explain${query}`);
  const text =
    flags.json === true ? JSON.stringify(answer, undefined, 2) : answer.services.map(format).join("\n");
  process.stdout.write(`${text}\n`);
}

function format({ service, decision, because, others }: Explanation): string {
  const lines = [`${styleText("bold", service)} → ${target(decision)}`, `  because ${because}`];
  for (const { variant, whyNot } of others) lines.push(styleText("dim", `  not ${variant}: ${whyNot}`));
  return lines.join("\n");
}

function target(decision: Explanation["decision"]): string {
  if (decision.kind === "unavailable") return styleText("red", `503, ${decision.state}`);
  const { pr, revision, address } = decision.backend;
  const name = pr === undefined ? "stable" : `canary of PR ${pr}`;
  return `${styleText(pr === undefined ? "cyan" : "green", name)}  ${revision}  ${address}`;
}
