import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Layout } from "./layout.ts";

/** Kinds of Argo CD's install manifest that the bed needs; its programs run as processes. */
const ARGOCD_KINDS = new Set([
  "CustomResourceDefinition",
  "ServiceAccount",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "ConfigMap",
]);

/** The documents of a YAML stream whose kind is wanted. */
export function documentsOf(stream: string, kinds: ReadonlySet<string>): string {
  return stream
    .split(/^---$/m)
    .filter((document) => kinds.has(/^kind: (\S+)$/m.exec(document)?.[1] ?? ""))
    .join("---\n");
}

/** Argo CD's definitions, accounts, rights and default settings, from its install manifest. */
export async function argocdObjects(definitions: string): Promise<string> {
  return documentsOf(await readFile(join(definitions, "argocd.yaml"), "utf8"), ARGOCD_KINDS);
}

/** What only one bed has: Argo CD's namespace and its secrets. Secrets are made once and kept with the bed. */
export async function argocdSecret(layout: Layout): Promise<string> {
  const { serverKey, webhook } = await secretsOf(layout);
  const data = { "server.secretkey": serverKey, "webhook.github.secret": webhook };
  return list([
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "argocd-secret",
        namespace: "argocd",
        labels: { "app.kubernetes.io/name": "argocd-secret", "app.kubernetes.io/part-of": "argocd" },
      },
      stringData: data,
    },
  ]);
}

/** Secrets of a bed. */
export interface Secrets {
  readonly serverKey: string;
  /** Signs GitHub's webhooks. */
  readonly webhook: string;
}

/** The bed's secrets; made at the first call. */
export async function secretsOf(layout: Layout): Promise<Secrets> {
  const file = join(layout.state, "secrets.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as Secrets;
  const secrets = { serverKey: randomBytes(32).toString("hex"), webhook: randomBytes(16).toString("hex") };
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** A namespace as an object for `kubectl apply`. */
export function namespace(name: string): string {
  return list([{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
}

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}
