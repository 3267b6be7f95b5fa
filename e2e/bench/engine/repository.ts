import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A bare repository with one small service, whose pull requests say something else. */
export interface BenchRepository {
  readonly remote: string;
  /** A checkout of its main. */
  readonly work: string;
  /** Makes a commit that says something; it is in no ref of the remote that anybody looks at. */
  commit(says: string): Promise<string>;
  /** Moves heads of pull requests, all in one push. */
  moveHeads(heads: ReadonlyMap<number, string>): Promise<void>;
  remove(): Promise<void>;
}

/** A service starts as fast as its runtime: what is left is the engine's own. */
export const SERVICE = `const { createServer } = require("node:http");
const says = require("./says.json");
createServer((request, response) => response.end(says)).listen(process.env.PORT, process.env.HOST);
process.on("SIGTERM", () => process.exit(0));
`;

const IDENTITY = {
  GIT_AUTHOR_NAME: "bench",
  GIT_AUTHOR_EMAIL: "bench@perch.invalid",
  GIT_COMMITTER_NAME: "bench",
  GIT_COMMITTER_EMAIL: "bench@perch.invalid",
};

export async function makeBenchRepository(): Promise<BenchRepository> {
  const folder = await mkdtemp(join(tmpdir(), "perch-bench-"));
  const [remote, work] = [join(folder, "origin.git"), join(folder, "work")];
  const git = async (...args: string[]) =>
    (await execa("git", args, { cwd: work, env: IDENTITY })).stdout.trim();
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  };
  const commit = async (says: string) => {
    await put("web/says.json", JSON.stringify(says));
    await git("add", "--all");
    await git("commit", "--quiet", "--message", says);
    return git("rev-parse", "HEAD");
  };
  await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  await execa("git", ["init", "--quiet", "--initial-branch=main", work]);
  await git("remote", "add", "origin", remote);
  await put("web/server.cjs", SERVICE);
  await commit("stable");
  await git("push", "--quiet", "origin", "main");
  return {
    remote,
    work,
    commit: async (says) => {
      await git("checkout", "--quiet", "--detach", "main");
      const head = await commit(says);
      // The objects go before the measurement: what is measured begins when the head has moved.
      await git("push", "--quiet", "origin", `${head}:refs/bench/${head}`);
      return head;
    },
    moveHeads: async (heads) => {
      const moves = [...heads].map(([number, head]) => `update refs/pull/${number}/head ${head}\n`);
      await execa("git", ["update-ref", "--stdin"], { cwd: remote, input: moves.join("") });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
