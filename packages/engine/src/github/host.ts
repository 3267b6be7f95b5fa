/** Where git reads a repository (`owner/name`) of a GitHub host. */
export function githubRemote(host: string, repo: string): string {
  return `${new URL(host).origin}/${repo}.git`;
}

/**
 * Environment with which git shows a token to one host and to no other. In arguments or in a URL other processes could read it, and git
 * would write it into a mirror's configuration. Redirects are not followed: git would show it to wherever they lead. A repository that was
 * renamed has to be named anew.
 */
export function gitAuthorization(host: string, token: string): Record<string, string> {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const { origin } = new URL(host);
  return {
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
    GIT_CONFIG_KEY_1: `http.${origin}/.followRedirects`,
    GIT_CONFIG_VALUE_1: "false",
  };
}
