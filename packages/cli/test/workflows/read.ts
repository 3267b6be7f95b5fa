import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

const WORKFLOWS = join(import.meta.dirname, "..", "..", "..", "..", ".github", "workflows");

/** A workflow file, as far as the claims about it need it. */
export interface Workflow {
  readonly file: string;
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly if?: string;
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** All workflows of the repository; `on: push` is as good as `on: {push: null}`. */
export async function readWorkflows(): Promise<Workflow[]> {
  const files = (await readdir(WORKFLOWS)).filter((file) => file.endsWith(".yml"));
  return Promise.all(files.sort().map(read));
}

async function read(file: string): Promise<Workflow> {
  const text = await readFile(join(WORKFLOWS, file), "utf8");
  const { on, ...rest } = parse(text);
  return { ...rest, file, text, on: typeof on === "string" ? { [on]: null } : on };
}

/** Every job of every workflow, with a name for messages: `canary-image.yml image`. */
export function jobsOf(workflows: readonly Workflow[]): { name: string; workflow: Workflow; job: Job }[] {
  return workflows.flatMap((workflow) =>
    Object.entries(workflow.jobs).map(([id, job]) => ({ name: `${workflow.file} ${id}`, workflow, job })),
  );
}

/** A command of perch in a workflow. */
export interface PerchCall {
  readonly where: string;
  readonly args: readonly string[];
}

/** Command lines as far as the shell's own signs; a variable stands for a word. */
export function perchCalls(workflows: readonly Workflow[]): PerchCall[] {
  return jobsOf(workflows).flatMap(({ name, job }) =>
    (job.steps ?? []).flatMap(({ run = "" }) =>
      [...run.matchAll(/npx --no perch ([^|;&\n]+)/g)].map(([, line = ""]) => ({
        where: `${name}: perch ${line.trim()}`,
        args: wordsOf(line),
      })),
    ),
  );
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
