import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import type { Owner } from "./owner.ts";

/** A line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A service that runs in a process of its own. */
export interface ServiceProcess {
  readonly process: ChildProcess;
  /** Lines so far; a line that is not JSON is `{ text }`. */
  readonly lines: readonly LogLine[];
  /** The first line, past or to come, that passes; rejects when the process ends without one. */
  line(passes: (line: LogLine) => boolean): Promise<LogLine>;
  /** Sends SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
  /** Exit code, or null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/**
 * Runs a service's `main.ts` with this environment alone, until its owner ends.
 * @param service package name, such as `@shop/store`.
 */
export function spawnService(
  owner: Owner,
  service: string,
  env: Readonly<Record<string, string>>,
): ServiceProcess {
  const main = import.meta.resolve(`${service}/src/main.ts`);
  const child = spawn(process.execPath, ["--conditions=perch-source", new URL(main).pathname], {
    env: { PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: LogLine[] = [];
  const events = new EventEmitter();
  const output = createInterface({ input: child.stdout });
  output.on("line", (text) => {
    lines.push(parsed(text));
    events.emit("line");
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const ended = once(output, "close").then(() => true);

  async function line(passes: (line: LogLine) => boolean): Promise<LogLine> {
    for (;;) {
      const found = lines.find(passes);
      if (found !== undefined) return found;
      if (await Promise.race([once(events, "line").then(() => false), ended])) {
        const late = lines.find(passes);
        if (late !== undefined) return late;
        throw new Error(`${service} ended without that line: ${JSON.stringify(lines)}`);
      }
    }
  }

  const stop = () => {
    child.kill("SIGTERM");
    return exited;
  };
  owner.after(stop);
  return {
    process: child,
    lines,
    line,
    exited,
    stop,
  };
}

/** The `host:port` of its "listening" line. */
export async function addressOf(service: ServiceProcess): Promise<string> {
  const { host, port } = await service.line((line) => line.msg === "listening");
  return `${host}:${port}`;
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { text };
  }
}
