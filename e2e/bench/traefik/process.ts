import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildParts } from "@perch/cluster";
import { execa } from "execa";

/** Traefik with the edge's settings, whose routes come from a file. */
export interface Traefik {
  /** URL of its entry point. */
  readonly url: string;
  /** File of its routes; a change is taken up. */
  readonly file: string;
  /** Seconds of processor time that it has used. */
  used(): Promise<number>;
  stop(): Promise<void>;
}

/** Clock ticks a second in proc(5). */
const TICKS = 100;

export async function startTraefik(folder: string, port: number): Promise<Traefik> {
  const { tools } = await buildParts();
  const file = join(folder, "routes.yml");
  await writeFile(file, "{}");
  const traefik = execa(
    tools.get("traefik")?.path ?? "traefik",
    [
      `--entrypoints.web.address=127.0.0.1:${port}`,
      "--entrypoints.web.http.aliasheadersstrategy=delete",
      `--providers.file.filename=${file}`,
      "--providers.providersthrottleduration=100ms",
      "--global.checknewversion=false",
      "--global.sendanonymoususage=false",
      "--log.level=ERROR",
    ],
    // one core, as the figures are of one
    { env: { GOMAXPROCS: "1" }, reject: false },
  );
  return {
    url: `http://127.0.0.1:${port}`,
    file,
    used: () => processorTime(traefik.pid ?? 0),
    stop: async () => {
      traefik.kill();
      await traefik;
    },
  };
}

/** Waits until a process has used next to nothing for a while, and returns what it has used. */
export async function settled({ used }: Traefik): Promise<number> {
  let before = await used();
  for (let quiet = 0; quiet < 4; ) {
    await sleep(250);
    const now = await used();
    quiet = now - before <= 1 / TICKS ? quiet + 1 : 0;
    before = now;
  }
  return before;
}

/** proc(5), stat: utime and stime are fields 14 and 15, and the name before them may hold blanks. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
