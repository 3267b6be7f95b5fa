import * as z from "zod";
import { documented } from "./documented.ts";
import { list, text } from "./scalars.ts";
import { REPOSITORY } from "./service-schema.ts";

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE_ACCOUNT = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST_ROOT = /^https?:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?$/;
const BRANCH = /^(?!.*(?:\.\.|\/\/))[A-Za-z0-9][A-Za-z0-9._/-]{0,199}(?<![./])$/;
const CIDR_V4 = /^(?:[0-9]{1,3}\.){3}[0-9]{1,3}\/(?:[0-9]|[12][0-9]|3[0-2])$/;
const CIDR_V6 = /^[0-9a-f:]{2,39}\/(?:[0-9]{1,2}|1[01][0-9]|12[0-8])$/;
const CIDR = new RegExp(`${CIDR_V4.source}|${CIDR_V6.source}`);

const NAME_ERROR = "expected a Kubernetes name of lower-case letters, digits and hyphens, at most 63";

/** What only a cluster needs to know, as written. Every key but `environmentRepo` has a default that works. */
export const writtenCluster = z
  .strictObject(
    {
      namespace: documented(text(NAME_ERROR, DNS_LABEL).default("apps"), {
        what: "Namespace of stable, where all routes live.",
        type: "name",
      }),
      environmentRepo: documented(text("expected a repository such as acme/env", REPOSITORY).optional(), {
        what: "Repository that holds this file and `manifests/`; a pull request to a service cannot change it.",
        type: "`owner/name`",
        otherwise: "the services' repository; required where services have several",
      }),
      branch: documented(text("expected a branch such as main", BRANCH).default("main"), {
        what: "Branch that the cluster follows, and that pull requests must target.",
        type: "branch",
      }),
      github: documented(
        text("expected the root of a GitHub host, such as https://github.example.com", HOST_ROOT).default(
          "https://github.com",
        ),
        {
          what: "GitHub, or a GitHub Enterprise server. Also for `perch up` with GitHub as its source.",
          type: "URL",
        },
      ),
      githubAuth: documented(z.enum(["token", "app"], { error: "expected token or app" }).default("token"), {
        what: "How Argo CD reads pull requests: key `token` of the Secret `github-token`, or the GitHub App of the Secret `github-app`.",
        type: "`token` or `app`",
      }),
      secretStores: documented(
        z
          .strictObject(
            {
              stable: documented(text(NAME_ERROR, DNS_LABEL).default("stable"), {
                what: "ClusterSecretStore of stable's ExternalSecrets.",
                type: "name",
              }),
              canary: documented(text(NAME_ERROR, DNS_LABEL).default("canary"), {
                what: "ClusterSecretStore of canaries, which holds keys for canaries only: a pull request's code can read them.",
                type: "name",
              }),
            },
            { error: "expected a map with stable and canary" },
          )
          .prefault({}),
        { what: "Where External Secrets finds what `services.<name>.secrets` names.", type: "map" },
      ),
      imagePullSecret: documented(text(NAME_ERROR, DNS_LABEL).optional(), {
        what: "Key of those stores with the registry's `.dockerconfigjson`; it becomes a Secret of that name in every namespace.",
        type: "name",
        otherwise: "the registry needs none",
      }),
      restartAccount: documented(
        text("expected a ServiceAccount such as ci/perch-restart", SERVICE_ACCOUNT).optional(),
        {
          what: "ServiceAccount that may list and delete pods of canaries, nothing else and nowhere else: `perch ci refresh --restart` in a workflow.",
          type: "`namespace/name`",
          otherwise: "nobody",
        },
      ),
      egress: documented(
        list(text("expected an address range such as 10.0.0.0/8", CIDR), "address ranges", 0).default([]),
        {
          what: "Address ranges that canaries may call, beside stable, other canaries and DNS.",
          type: "list of CIDR ranges",
        },
      ),
    },
    { error: "expected a map with namespace, branch, and more" },
  )
  .prefault({});
