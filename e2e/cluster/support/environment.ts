import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { baseFiles, type ManifestFile, parseConfig, projectOf, renderManifests } from "@perch/core";
import { execa } from "execa";
import { parse } from "yaml";
import type { TestCluster } from "./cluster/index.ts";
import { perchYaml, REPOSITORIES } from "./perch-yaml.ts";

const CHECKOUT = join(import.meta.dirname, "..", "..", "..");

/** A registry that the nodes never ask: its images are loaded. */
export const REGISTRY = "registry.local/acme";

/** What a cluster needs from a team, made once: repositories, images, secrets, and one `kubectl apply -k`. */
export async function prepareEnvironment(cluster: TestCluster): Promise<void> {
  const text = perchYaml(cluster.inside.github);
  const config = parseConfig(text);
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const project = projectOf(config.config);
  await buildImages(cluster);
  const bases = new Map<string, ManifestFile[]>();
  for (const service of project.services.values()) {
    bases.set(service.repo, [...(bases.get(service.repo) ?? []), ...baseFiles(project, service)]);
  }
  for (const [repo, files] of bases) await seedRepository(cluster, repo, files);
  const rendered = renderManifests(config.config, new Map());
  await seedRepository(cluster, REPOSITORIES.environment, [...rendered, { path: "perch.yaml", text }]);
  await cluster.setRepoServerGit?.(repoServerGit(rendered));
  await applyOnce(cluster);
}

/** What the rendered installation of Argo CD gives to git: the bed's Argo CD is no pod, and has no ConfigMap. */
function repoServerGit(rendered: readonly ManifestFile[]): string {
  const file = rendered.find(({ path }) => path.endsWith("/argocd/git.yaml"));
  const { data } = parse(file?.text ?? "") as { readonly data: { readonly gitconfig: string } };
  return data.gitconfig;
}

/** Stable's images, from the services' own Dockerfiles. web is the api's code under another name. */
async function buildImages(cluster: TestCluster): Promise<void> {
  for (const service of ["api", "store"]) {
    await cluster.buildImage({
      context: CHECKOUT,
      dockerfile: `services/${service}/Dockerfile`,
      reference: `${REGISTRY}/${service}:main`,
    });
  }
  await cluster.tagImage(`${REGISTRY}/api:main`, `${REGISTRY}/web:main`);
}

async function seedRepository(
  cluster: TestCluster,
  repo: string,
  files: readonly ManifestFile[],
): Promise<void> {
  const bare = await cluster.git.ensure(repo);
  await withWorktree(bare, "main", async (folder) => {
    await writeFiles(folder, files);
    await commitAndPush(folder, "Seed", "main");
  });
}

/** Applies what a platform engineer applies, and the credentials that never are in git. */
async function applyOnce(cluster: TestCluster): Promise<void> {
  const { kubectl } = cluster;
  const token = [
    "create",
    "secret",
    "generic",
    "github-token",
    "--from-literal=token=none",
    "--namespace=argocd",
  ];
  await kubectl(token).catch(ifThere);
  const folder = await mkdtemp(join(tmpdir(), "perch-e2e-"));
  try {
    const bare = await cluster.git.ensure(REPOSITORIES.environment);
    await execa("git", ["clone", "--quiet", bare, folder]);
    await kubectl(["apply", "--server-side", "--force-conflicts", "--kustomize", join(folder, "manifests")]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ifThere(error: unknown): string {
  if (String(error).includes("already exists")) return "";
  throw error;
}

/** Runs with a clone of a bare repository, at a branch or ref that may not be there yet. */
export async function withWorktree<T>(
  bare: string,
  ref: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "perch-e2e-"));
  const git = (...args: string[]) => execa("git", args, { cwd: folder });
  try {
    await git("init", "--quiet", "--initial-branch=main");
    await git("remote", "add", "origin", bare);
    await git("config", "user.name", "Somebody");
    await git("config", "user.email", "somebody@example.com");
    const fetched = await execa("git", ["fetch", "--quiet", "origin", ref], { cwd: folder, reject: false });
    if (!fetched.failed) await git("checkout", "--quiet", "-B", "work", "FETCH_HEAD");
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function writeFiles(folder: string, files: readonly ManifestFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Commits everything, also nothing, and pushes it to a ref. Returns the commit. */
export async function commitAndPush(folder: string, message: string, branch: string): Promise<string> {
  const git = async (...args: string[]) => (await execa("git", args, { cwd: folder })).stdout;
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", message);
  await git("push", "--quiet", "--force", "origin", `HEAD:refs/heads/${branch}`);
  return git("rev-parse", "HEAD");
}
