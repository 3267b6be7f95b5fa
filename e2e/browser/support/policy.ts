import { access, chmod, mkdir, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";
import { findChromium } from "../chromium.ts";

/** Where browsers look for what a company sets, by how their program's name begins. */
const FOLDERS: readonly (readonly [name: string, folder: string])[] = [
  ["chromium", "/etc/chromium"],
  ["google-chrome-for-testing", "/etc/opt/chrome_for_testing"],
  ["google-chrome", "/etc/opt/chrome"],
];

/** A browser that is under a policy of its own. */
export interface PolicedBrowser {
  /** What starts it. */
  readonly executablePath: string;
  /** Sets the policy; a running browser takes it over after some seconds. */
  set(policy: object): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A browser that finds another policy than this machine's, whose own files stay as they are: in a mount namespace of its
 * own, another folder lies over the one that it reads.
 * @returns why that cannot be done here, as text
 */
export async function policedBrowser(): Promise<PolicedBrowser | string> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "a policy is laid over the machine's in a mount namespace, which takes Linux and root";
  const browser = await findChromium();
  const program = basename(await realpath(browser));
  const folder = FOLDERS.find(
    ([name]) => program.startsWith(name) || basename(browser).startsWith(name),
  )?.[1];
  const isThere =
    folder !== undefined &&
    (await access(folder).then(
      () => true,
      () => false,
    ));
  if (!isThere)
    return `${browser} reads policies from ${folder ?? "a place that is not known"}, which is not there`;
  const { exitCode, stderr } = await execa("unshare", ["--mount", "true"], { reject: false });
  if (exitCode !== 0) return `mount namespaces are not to be had here: ${stderr}`;
  return over(folder, browser);
}

async function over(folder: string, browser: string): Promise<PolicedBrowser> {
  const own = await mkdtemp(join(tmpdir(), "perch-policy-"));
  const managed = join(own, "policies", "managed");
  await mkdir(managed, { recursive: true });
  const executablePath = join(own, "browser.sh");
  await writeFile(
    executablePath,
    `#!/bin/sh\nexec unshare --mount sh -c 'mount --bind "$0" ${folder} && exec "$@"' ${own} ${browser} "$@"\n`,
  );
  await chmod(executablePath, 0o755);
  return {
    executablePath,
    set: async (policy) => {
      // In one piece: a browser may look at any moment.
      await writeFile(join(own, "fresh.json"), JSON.stringify(policy));
      await rename(join(own, "fresh.json"), join(managed, "perch.json"));
    },
    remove: () => rm(own, { recursive: true, force: true }),
  };
}
