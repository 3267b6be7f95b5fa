/** The part of a package.json that says what its package is built from. */
export interface PackageManifest {
  /** Its folder in the repository, `.` for the root. */
  readonly folder: string;
  readonly name: string | undefined;
  /** Names of packages that it needs when it runs. */
  readonly dependencies: readonly string[];
}

/** Reads a package.json; undefined: it is no JSON object, so nobody depends on it by name. */
export function readPackageManifest(folder: string, text: string): PackageManifest | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { name, ...rest } = value as Readonly<Record<string, unknown>>;
  const lists = [rest.dependencies, rest.optionalDependencies, rest.peerDependencies];
  const dependencies = lists.flatMap((list) =>
    typeof list === "object" && list !== null ? Object.keys(list) : [],
  );
  return { folder, name: typeof name === "string" ? name : undefined, dependencies };
}

/** Folders of the repository's own packages that the package in a folder needs, through others too, without its own. */
export function dependencyFolders(packages: readonly PackageManifest[], folder: string): string[] {
  const byName = new Map(
    packages.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])),
  );
  const own = packages.find((one) => one.folder === folder);
  const found = new Set<PackageManifest>();
  const open = own === undefined ? [] : [own];
  for (const one of open) {
    for (const name of one.dependencies) {
      const needed = byName.get(name);
      if (needed === undefined || needed === own || found.has(needed)) continue;
      found.add(needed);
      open.push(needed);
    }
  }
  return [...found].map((one) => one.folder).sort();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
