import { type Answer, json, problem } from "./answer.ts";

/** What somebody may do in a repository. */
export type Permission = "admin" | "write" | "read" | "none";

/** Who may do what; everybody else may read. */
export class People {
  readonly #permissions = new Map<string, Permission>();

  set({ repo, login, permission }: { repo: string; login: string; permission: Permission }): void {
    this.#permissions.set(`${repo}/${login}`, permission);
  }

  /** https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user; `undefined`: something else is asked. */
  answer(path: string): Answer | undefined {
    const [, repo, encoded] =
      /^\/repos\/([^/]+\/[^/]+)\/collaborators\/([^/]+)\/permission$/.exec(path) ?? [];
    if (repo === undefined || encoded === undefined) return undefined;
    const login = decodeURIComponent(encoded);
    if (login.endsWith("[bot]")) return problem(404, `${login} is not a user`);
    const permission = this.#permissions.get(`${repo}/${login}`) ?? "read";
    return json(200, { permission, role_name: permission, user: { login } });
  }
}
