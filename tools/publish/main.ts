// Makes a checkout ready to be packed for npm: packages that say which repository they are from, and pages whose links work there.
// It changes tracked files, so it is for the release workflow: `npm run release -- <owner/name> <tag>`.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Release, withReleaseLinks } from "./links.ts";
import { PUBLISHED } from "./packages.ts";

const ROOT = join(import.meta.dirname, "..", "..");

async function main([repository, tag]: readonly string[]): Promise<void> {
  if (repository === undefined || tag === undefined) throw new Error("Give <owner/name> and <tag>.");
  const release = { repository, tag };
  for (const name of PUBLISHED) {
    await change(`packages/${name}/package.json`, (text) => manifest(text, `packages/${name}`, release));
    const readme = `packages/${name}/README.md`;
    await change(readme, (text) => withReleaseLinks(text, readme, release));
  }
  for (const file of await readdir(join(ROOT, "docs"))) {
    const page = `docs/${file}`;
    await change(page, (text) => withReleaseLinks(text, page, release, "docs"));
  }
}

/** npm publishes with provenance only what names the repository that it was built in. */
function manifest(text: string, directory: string, { repository, tag }: Release): string {
  const read = JSON.parse(text) as { name: string; version: string };
  if (`v${read.version}` !== tag) throw new Error(`${read.name} is ${read.version}, and the tag is ${tag}.`);
  const url = `https://github.com/${repository}`;
  const written = {
    ...read,
    homepage: `${url}#readme`,
    bugs: `${url}/issues`,
    repository: { type: "git", url: `git+${url}.git`, directory },
  };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}

async function change(path: string, changed: (text: string) => string): Promise<void> {
  const file = join(ROOT, path);
  await writeFile(file, changed(await readFile(file, "utf8")));
}

await main(process.argv.slice(2));
