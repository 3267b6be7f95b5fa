import type { CanaryIdentity } from "../canary-identity.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";

const NAME = "restart";
const GROUP = "rbac.authorization.k8s.io";

/**
 * Who may restart pods that wait for an image (`cluster.restartAccount`), in this Namespace: a role of the whole cluster could
 * not tell canaries from others.
 */
export function restartRights({ cluster }: Project, { namespace }: CanaryIdentity): Described[] {
  if (cluster.restartAccount === undefined) return [];
  const [home, name] = cluster.restartAccount.split("/");
  return [
    {
      object: {
        apiVersion: `${GROUP}/v1`,
        kind: "Role",
        metadata: { name: NAME, namespace },
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] }],
      },
      why: "For `perch ci refresh --restart`, and for nothing else.",
    },
    {
      object: {
        apiVersion: `${GROUP}/v1`,
        kind: "RoleBinding",
        metadata: { name: NAME, namespace },
        roleRef: { apiGroup: GROUP, kind: "Role", name: NAME },
        subjects: [{ kind: "ServiceAccount", name, namespace: home }],
      },
    },
  ];
}
