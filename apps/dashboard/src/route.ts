import { isPrNumber, isServiceName } from "@perch/header";

/** What the page shows, by its address after `#`. */
export type Route =
  | { readonly page: "overview" }
  | { readonly page: "pull-request"; readonly pr: number }
  | { readonly page: "variant"; readonly service: string; readonly pr?: number }
  | { readonly page: "try"; readonly selector: string; readonly path: string }
  | { readonly page: "unknown" };

/** Reads `#/`, `#/pr/7`, `#/pr/7/store`, `#/service/store`, `#/try?selector=7&path=/`. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const [first, second = "", third, ...rest] = path.split("/").filter((part) => part !== "");
  if (first === undefined) return { page: "overview" };
  if (rest.length > 0) return { page: "unknown" };
  if (first === "try" && second === "") return tryRoute(new URLSearchParams(query));
  if (first === "service" && third === undefined && isServiceName(second))
    return { page: "variant", service: second };
  const pr = /^[1-9]\d*$/.test(second) ? Number(second) : 0;
  if (first !== "pr" || !isPrNumber(pr)) return { page: "unknown" };
  if (third === undefined) return { page: "pull-request", pr };
  return isServiceName(third) ? { page: "variant", service: third, pr } : { page: "unknown" };
}

function tryRoute(query: URLSearchParams): Route {
  return { page: "try", selector: query.get("selector") ?? "", path: query.get("path") ?? "" };
}

/** The address of a route. */
export function href(route: Exclude<Route, { page: "unknown" }>): string {
  switch (route.page) {
    case "overview":
      return "#/";
    case "pull-request":
      return `#/pr/${route.pr}`;
    case "variant":
      return route.pr === undefined ? `#/service/${route.service}` : `#/pr/${route.pr}/${route.service}`;
    case "try":
      return tryHref(route);
  }
}

function tryHref({ selector, path }: { selector: string; path: string }): string {
  const query = new URLSearchParams();
  if (selector !== "") query.set("selector", selector);
  if (path !== "") query.set("path", path);
  return query.size === 0 ? "#/try" : `#/try?${query}`;
}
