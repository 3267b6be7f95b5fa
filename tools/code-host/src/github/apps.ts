import { type Answer, json, problem } from "./answer.ts";

const HOUR = 3_600_000;

/** The installations of one GitHub App, and the tokens that they were given. */
export class Apps {
  /** Installation by repository. */
  installations: Readonly<Record<string, number>> = {};
  #tokens = 0;

  /** https://docs.github.com/rest/apps/apps; `undefined`: something else is asked. */
  answer(method: string, path: string, authorization: string | undefined): Answer | undefined {
    const [, repo] = /^\/repos\/([^/]+\/[^/]+)\/installation$/.exec(path) ?? [];
    const [, id] = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path) ?? [];
    if (repo === undefined && id === undefined) return undefined;
    // a JSON Web Token, RFC 7519: three parts, of which nothing is checked here
    if (!/^bearer [\w-]+\.[\w-]+\.[\w-]+$/i.test(authorization ?? ""))
      return problem(401, "A JSON web token could not be decoded");
    if (repo !== undefined) {
      const installation = this.installations[repo];
      return installation === undefined ? problem(404, "Not Found") : json(200, { id: installation });
    }
    if (method !== "POST" || !Object.values(this.installations).includes(Number(id)))
      return problem(404, "Not Found");
    this.#tokens += 1;
    const expires_at = new Date(Date.now() + HOUR).toISOString();
    const permissions = { contents: "read", metadata: "read", pull_requests: "read" };
    return json(201, {
      token: `ghs_${id}_${this.#tokens}`,
      expires_at,
      permissions,
      repository_selection: "all",
    });
  }
}
