import { edgeServices } from "../../../src/manifests/project.ts";
import { each, type Fact, list } from "./fact.ts";
import { eachRule, type RuleOf, rulesOf } from "./routes.ts";

/** Rules that one request may match both of: the same class, parents and hosts. */
function levelOf({ spec, parents, match }: RuleOf): string {
  const host = /Host(?:Regexp)?\(`[^`]*`\)/.exec(match)?.[0] ?? "";
  return [spec.ingressClassName ?? "", ...parents, host].join(" ");
}

/** What holds of every rule, at the edge and of the internal router. */
export const RULE_FACTS: readonly Fact[] = [
  {
    claim: "Traefik's objects are of its own API group, traefik.io/v1alpha1",
    violations: each(
      ["IngressRoute", "Middleware", "ServersTransport"],
      ({ apiVersion }) => apiVersion === "traefik.io/v1alpha1",
    ),
    mistakes: [[/traefik\.io\/v1alpha1/, "traefik.containo.us/v1alpha1"]],
  },
  {
    claim:
      "every rule says its priority, and no two that a request can match are equal: the winner would be random",
    violations: (objects) =>
      eachRule(objects, (rule, rules) => {
        const equals = rules.filter(
          (other) => other.priority === rule.priority && levelOf(other) === levelOf(rule),
        );
        // Share links of one pull request lead a path to the same stable Service.
        const targets = new Set(
          equals.map(({ target }) => JSON.stringify([target?.namespace, target?.name])),
        );
        const isSafe = rule.parents[0] === "edge-link" ? targets.size === 1 : equals.length === 1;
        return Number.isSafeInteger(rule.priority) && isSafe;
      }),
    mistakes: [
      [/"priority":25,/, ""],
      [/"priority":24,/, '"priority":25,'],
      [/"priority":12,/, '"priority":13,'],
    ],
  },
  {
    claim: "no two rules of an object have the same text: one would overwrite the other",
    violations: (objects) =>
      eachRule(
        objects,
        (rule, rules) =>
          rules.filter(({ object, match }) => object === rule.object && match === rule.match).length === 1,
      ),
    mistakes: [
      [/"match":"\(([^"]+)\) && PathPrefix\(`\/`\)"/, '"match":"$1"'],
      [/"match":"(\(Path[^"]+\)) && (Host\(`[^"]+`\))"/, '"match":"$2 && $1"'],
    ],
  },
  {
    claim:
      "a child names a parent that is there and of its class, and neither entry points nor TLS: Traefik refuses it otherwise",
    violations: (objects) =>
      eachRule(
        objects,
        ({ spec, parents }, rules) =>
          parents.every((name) => {
            const parent = rules.find(({ object }) => object.metadata?.name === name);
            const hasClass = parent?.spec.ingressClassName === spec.ingressClassName;
            return (
              parent?.target === undefined &&
              hasClass &&
              spec.entryPoints === undefined &&
              spec.tls === undefined
            );
          }) &&
          (parents.length > 0 || (spec.entryPoints ?? []).length > 0),
      ),
    mistakes: [
      [/"spec":\{("ingressClassName":"[^"]+",)?"parentRefs"/, '"spec":{"entryPoints":["web"],$1"parentRefs"'],
      [/"ingressClassName":"perch-router-apps","parentRefs"/, '"parentRefs"'],
      [/"spec":\{"entryPoints":\["websecure"\],/, '"spec":{'],
    ],
  },
  {
    claim: "routes live beside stable, and so do their parents",
    violations: each(
      ["IngressRoute", "Middleware", "ServersTransport"],
      (object, _, { cluster }) =>
        object.metadata?.namespace === "traefik" ||
        (object.metadata?.namespace === cluster.namespace &&
          list(object, "spec", "parentRefs").every(({ namespace }) => namespace === cluster.namespace)),
    ),
    mistakes: [
      [/("name":"api-canary-pr-7-exact","namespace":)"apps"/, '$1"api-canary-pr-7"'],
      [/("parentRefs":\[\{"name":"[^"]+","namespace":)"apps"/, '$1"other"'],
    ],
  },
  {
    claim: "expressions are anchored by themselves: HeaderRegexp and HostRegexp are not",
    violations: (objects) =>
      eachRule(objects, ({ match }) =>
        [...match.matchAll(/(!?)(?:Header|Host)Regexp\((?:`X-Canary`, )?`([^`]*)`\)/g)].every(
          ([, not, expression = ""]) =>
            /^(?:\^|\(\^\|,\))/.test(expression) && (not === "!" || /(?:\$|\(,\|\$\))$/.test(expression)),
        ),
      ),
    mistakes: [
      [/\(,\|\$\)`/, "`"],
      [/`\^\(api=\)\?/, "`(api=)?"],
      [/HostRegexp\(`\^/, "HostRegexp(`"],
    ],
  },
  {
    claim: "a path prefix ends at a border: PathPrefix(`/api`) would take /apix",
    violations: (objects, project) => {
      const wrong = eachRule(objects, ({ match }) =>
        [...match.matchAll(/PathPrefix\(`([^`]*)`\)/g)].every(([, prefix]) => prefix?.endsWith("/")),
      );
      const missing = edgeServices(project).filter(
        ({ edge }) =>
          edge !== "/" &&
          !rulesOf(objects).some(({ match }) =>
            match.includes(`(Path(\`${edge}\`) || PathPrefix(\`${edge}/\`))`),
          ),
      );
      return [...wrong, ...missing.map(({ name }) => name)];
    },
    mistakes: [
      [/PathPrefix\(`\/api\/`\)/, "PathPrefix(`/api`)"],
      [/\(Path\(`\/api`\) \|\| /g, "("],
    ],
  },
];
