import { edgeListen, edgeMiddlewares } from "../../../src/manifests/edge/traefik/edge.ts";
import { UNAVAILABLE } from "../../../src/manifests/names.ts";
import { type Fact, is } from "./fact.ts";
import { eachRule, isOfEdge, isParentOfCanaries } from "./routes.ts";

/** Stable's own routes, and the parents under which canaries come and go. */
export const PARENT_FACTS: readonly Fact[] = [
  {
    claim: "every parent has a child, or Traefik skips it and tagged requests pass by the middlewares",
    violations: (objects) =>
      eachRule(
        objects,
        ({ object, target }, rules) =>
          target !== undefined || rules.some(({ parents }) => parents.includes(object.metadata?.name ?? "")),
      ),
    mistakes: [[/"parentRefs":\[\{"name":"api-exact"/g, '"parentRefs":[{"name":"nobody"']],
  },
  {
    claim: "parents have the operator's middlewares, and no Service; nothing else runs them",
    violations: (objects, project) =>
      eachRule(objects, (rule) => {
        const wanted = isOfEdge(rule) ? edgeMiddlewares(project) : [];
        const given = rule.middlewares.filter(({ name }) => !name.endsWith("-link"));
        return JSON.stringify(given) === JSON.stringify(rule.target === undefined ? wanted : []);
      }),
    mistakes: [
      [/("priority":13),"middlewares":\[\{"name":"edge-guard"[^\]]*\]/, "$1"],
      [/("priority":12),"middlewares":\[\{"name":"edge-guard"[^\]]*\]/, "$1"],
      [/("priority":9),"middlewares":\[\{"name":"edge-guard"[^\]]*\]/, "$1"],
    ],
  },
  {
    claim: "entry points and TLS of every route at the edge are those of perch.yaml",
    violations: (objects, project) =>
      eachRule(objects, (rule) => {
        const { entryPoints, tls } = edgeListen(project);
        if (!isOfEdge(rule) || rule.parents.length > 0) return true;
        return is(rule.spec, "entryPoints", entryPoints) && is(rule.spec, "tls", tls);
      }),
    mistakes: [
      [/"tls":\{"secretName":"[^"]*"\}/, '"tls":{}'],
      [/,"tls":\{\}/, ""],
    ],
  },
  {
    claim: "a parent falls back to stable, below every canary",
    violations: (objects, { cluster }) =>
      eachRule(objects, (parent, rules) => {
        const children = rules.filter(({ parents }) => parents.includes(parent.object.metadata?.name ?? ""));
        const [lowest] = children.sort((a, b) => a.priority - b.priority);
        const { match, target } = lowest ?? {};
        const isStable =
          (target?.namespace ?? cluster.namespace) === cluster.namespace && target?.name !== UNAVAILABLE;
        return !isParentOfCanaries(parent) || (match === "PathPrefix(`/`)" && isStable);
      }),
    mistakes: [
      [
        /"priority":1,"services":\[\{"kind":"Service","(?:name|scheme)/,
        '"priority":99999999999,"services":[{"kind":"Service","name',
      ],
      [/"match":"PathPrefix\(`\/`\)","priority":1,/, '"match":"PathPrefix(`/x`)","priority":1,'],
    ],
  },
  {
    claim:
      "a list that does not name the service skips every canary's expression, even that of the highest number",
    violations: (objects) =>
      eachRule(objects, (parent, rules) => {
        const name = parent.object.metadata?.name ?? "";
        if (!isParentOfCanaries(parent) || !name.endsWith("-list")) return true;
        const skip = rules.find(({ parents, match }) => parents.includes(name) && match.startsWith("!"));
        return skip !== undefined && skip.priority > 11 + 2 * 9_999_999_999;
      }),
    mistakes: [
      [/"priority":100000000000/, '"priority":100'],
      [/"match":"!HeaderRegexp/, '"match":"HeaderRegexp'],
    ],
  },
  {
    claim: "the list parent takes every valid list, whatever services it names, up to 256 bytes",
    violations: (objects) =>
      eachRule(objects, (rule) => {
        const isList = isParentOfCanaries(rule) && rule.object.metadata?.name.endsWith("-list") === true;
        const entry = "[a-z]([-a-z0-9]{0,38}[a-z0-9])?=[1-9][0-9]{0,9}";
        return (
          !isList ||
          (rule.match.includes("`^.{1,256}$`") && rule.match.includes(`\`^${entry}(,${entry}){0,15}$\``))
        );
      }),
    mistakes: [
      [/ && HeaderRegexp\(`X-Canary`, `\^\.\{1,256\}\$`\)/, ""],
      [/\^\[a-z\]\(\[-a-z0-9\]\{0,38\}\[a-z0-9\]\)\?=/, "^api="],
    ],
  },
  {
    claim: "stable's own route is at the root and looks at no header: it never scans canaries",
    violations: (objects) =>
      eachRule(
        objects,
        ({ object, match, parents }) =>
          !/-stable$/.test(object.metadata?.name ?? "") ||
          (parents.length === 0 && !match.includes("Header")),
      ),
    mistakes: [
      [/("name":"api-stable"[^[]+\[[^[]+\[\{"kind":"Rule","match":")/, "$1Header(`X-Canary`, `1`) || "],
    ],
  },
];
