import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type PerchErrorData, retryDelay } from "@perch/core";
import type { Logger } from "pino";
import type { KnownPorts } from "../state/ports.ts";
import { isAlive } from "../state/process-identity.ts";
import { removeFolder, type StateDir } from "../state/state-dir.ts";
import { adoptCommand, describeExit, type RunningCommand, startCommand } from "./command.ts";
import { endLeftGroup } from "./left-group.ts";
import { type InstanceLog, openLog } from "./log.ts";
import { holdPort, reservePort } from "./ports.ts";
import { endGroup } from "./process-group.ts";
import { DATABASE_FOLDER, readProcessRecord, recordProcess } from "./process-record.ts";
import { OWNER } from "./strays.ts";

const HOST = "127.0.0.1";

/** The embedded DynamoDB: dynalite in a process of its own, with its data on disk, started again when it dies. */
export interface Database {
  /** `host:port`, the same for as long as the engine runs. */
  readonly address: string;
  /** Why it does not run; `undefined` while it does. */
  problem(): PerchErrorData | undefined;
  close(): Promise<void>;
}

export async function startDynamodb(
  stateDir: StateDir,
  ports: KnownPorts,
  logger: Logger,
  onChange: () => void,
): Promise<Database> {
  const folder = join(stateDir.instances, DATABASE_FOLDER);
  await mkdir(folder, { recursive: true });
  const log = await openLog(join(folder, "log"));
  // What an earlier engine left runs on: those that it serves keep their connections to it.
  let left = await leftRunning(folder);
  // It starts again on the same one after a crash, so nobody else gets it before the end.
  const { port, release } =
    left === undefined ? await reservePort(HOST, ports.of("dynamodb")) : holdPort(left.port);
  await ports.keep("dynamodb", port);
  const closing = new AbortController();
  const tried = Promise.withResolvers<void>();
  let problem: PerchErrorData | undefined;
  let pid = 0;

  async function keepRunning(): Promise<void> {
    for (let restarts = 0; !closing.signal.aborted; restarts += 1) {
      const running =
        left?.command ??
        startCommand({
          command: commandFor(port, stateDir),
          cwd: folder,
          env: { PATH: process.env.PATH ?? "", [OWNER]: folder },
          log,
        });
      left = undefined;
      pid = running.pid;
      await recordProcess(folder, pid, `${HOST}:${port}`).catch((error: unknown) =>
        logger.warn({ err: error }, "not written down"),
      );
      const ended = new AbortController();
      void listening(port, AbortSignal.any([closing.signal, ended.signal])).then((isListening) => {
        if (!isListening) return;
        problem = undefined;
        tried.resolve();
        onChange();
      });
      const exit = await running.exited;
      ended.abort();
      if (closing.signal.aborted) return;
      problem = failure(describeExit(exit), log, stateDir);
      tried.resolve();
      logger.error({ code: problem.code }, problem.message);
      onChange();
      await sleep(retryDelay("EXITED", restarts), undefined, { signal: closing.signal }).catch(
        () => undefined,
      );
    }
  }

  const loop = keepRunning();
  // One that cannot start is a problem to show, not one to wait for.
  await tried.promise;
  return {
    address: `${HOST}:${port}`,
    problem: () => problem,
    close: async () => {
      closing.abort();
      await endGroup(pid, 5_000);
      await loop;
      release();
      await log.close();
      await removeFolder(folder);
    },
  };
}

/** The database of an engine that crashed; `undefined` when none runs, and what is left of one is ended. */
async function leftRunning(folder: string): Promise<{ command: RunningCommand; port: number } | undefined> {
  const record = await readProcessRecord(folder);
  const port = Number(record?.address?.split(":")[1]);
  if (record !== undefined && port > 0 && (await isAlive(record)) && (await accepts(port)))
    return { command: adoptCommand(record), port };
  await endLeftGroup(folder);
  return undefined;
}

function commandFor(port: number, stateDir: StateDir): string {
  const cli = join(dirname(createRequire(import.meta.url).resolve("dynalite/package.json")), "cli.js");
  const args = [process.execPath, cli, "--host", HOST, "--port", String(port), "--path", stateDir.database];
  return `exec ${args.map(quote).join(" ")} --createTableMs 0`;
}

/** For /bin/sh: between single quotes nothing is special but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Resolves once something listens on the port (true), or on abort. */
async function listening(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await accepts(port)) return !signal.aborted;
    await sleep(25);
  }
  return false;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, HOST);
  const connected = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

function failure(exit: string, log: InstanceLog, { database }: StateDir): PerchErrorData {
  return {
    code: "DATABASE_FAILED",
    message: `The embedded DynamoDB ended with ${exit}.`,
    hint: `It is started again by itself; its log is ${log.path}. If its data are damaged, stop perch and delete ${database}.`,
    fault: "environment",
  };
}
