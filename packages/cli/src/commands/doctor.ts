import { diagnose, isHealthy } from "@perch/core";
import { Command } from "commander";
import { configOption, jsonOption, stateDirOption } from "../options.ts";
import { EXIT } from "../output/error.ts";
import type { FrontFlags } from "../up/front.ts";
import {
  addFrontOptions,
  edgePortOption,
  hostOption,
  remoteOption,
  sourceOption,
  statusPortOption,
  webhookPortOption,
} from "../up/options.ts";
import type { UpFlags } from "./up.ts";

/** The flags of `perch up` that decide what it needs. */
export interface DoctorFlags
  extends FrontFlags,
    Pick<
      UpFlags,
      "config" | "stateDir" | "source" | "remote" | "host" | "edgePort" | "statusPort" | "webhookPort"
    > {
  readonly json?: boolean;
}

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .addOption(configOption())
    .addOption(stateDirOption())
    .addOption(remoteOption())
    .addOption(sourceOption())
    .addOption(hostOption())
    .addOption(edgePortOption())
    .addOption(statusPortOption())
    .addOption(webhookPortOption());
  return addFrontOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
It takes the flags and variables of \`perch up\` that matter here, changes nothing, and prints no secret.

Examples:
  perch doctor
  perch doctor --edge-port 443 --tls-cert fullchain.pem --tls-key privkey.pem
  perch doctor --json | jq '.checks[] | select(.outcome == "missing")'`,
    )
    .action(run);
}

async function run(flags: DoctorFlags): Promise<void> {
  const [{ observe }, { describeChecks }] = await Promise.all([
    import("../doctor/observe.ts"),
    import("../doctor/describe.ts"),
  ]);
  const checks = diagnose(await observe(flags));
  const ok = isHealthy(checks);
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ ok, checks }, undefined, 2)}\n` : describeChecks(checks),
  );
  process.exitCode = ok ? EXIT.ok : EXIT.failed;
}
