/** What package managers run of a repository's own package when they install (npm's docs, "Life Cycle Operation Order"). */
const ON_INSTALL = [
  "preinstall",
  "install",
  "postinstall",
  "prepublish",
  "preprepare",
  "prepare",
  "postprepare",
];

/** It sets up git's hooks, which nobody needs here: installs are told to leave that out. */
const HOOKS_ONLY = /^(?:is-ci \|\| )?husky(?: install)?(?: \|\| (?:true|exit 0))?$/;

/** Tells husky to do nothing, as on other machines that only run what is installed. */
export const WITHOUT_HOOKS = { HUSKY: "0" };

/** Whether an install of this `package.json` runs scripts of its author, which may read any file of the commit. */
export function runsOwnScripts(manifest: string): boolean {
  const scripts = scriptsOf(manifest);
  return ON_INSTALL.some((name) => {
    const script = scripts[name];
    return typeof script === "string" && !HOOKS_ONLY.test(script.trim());
  });
}

function scriptsOf(manifest: string): Readonly<Record<string, unknown>> {
  try {
    const { scripts } = JSON.parse(manifest) as { scripts?: unknown };
    return typeof scripts === "object" && scripts !== null ? (scripts as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
