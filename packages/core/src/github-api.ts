/**
 * Root of the REST API of a GitHub host, given the root of its web pages: `https://github.com`, `https://<name>.ghe.com` (GitHub Enterprise
 * Cloud with data residency), or a GitHub Enterprise Server. https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
export function githubApiUrl(host: string): string {
  const { protocol, hostname, origin } = new URL(host);
  if (hostname === "github.com" || hostname.endsWith(".ghe.com")) return `${protocol}//api.${hostname}`;
  return `${origin}${SERVER_PATH}`;
}

/**
 * The same as Argo CD's generators take it. Undefined: github.com, which they ask by default. Of a server they want the root: they add its
 * path themselves, and a webhook makes them look only where there is none. An App's token, however, they fetch at what they are given, so
 * that an App at a server needs the path, and finds changes by polling alone. (Argo CD 3.2: `github_app.Client`, `GetAPIURLRegex`.)
 */
export function generatorApi(host: string, auth: "token" | "app"): string | undefined {
  const url = githubApiUrl(host);
  if (url === "https://api.github.com") return undefined;
  const isRoot = auth === "token" && url.endsWith(SERVER_PATH);
  return `${isRoot ? url.slice(0, -SERVER_PATH.length) : url}/`;
}

const SERVER_PATH = "/api/v3";
