import { RESTART_ACCOUNT } from "./restart-account.ts";

/** The host of the edge; every request names it. */
export const EDGE_HOST = "dev.example.com";

export const REPOSITORIES = { environment: "acme/env", shop: "acme/shop", web: "acme/web" } as const;

/** An environment of three repositories: two services in one, one in another, and the environment's own. */
export function perchYaml(github: string): string {
  return `apiVersion: perch.dev/v1
project: shop
mesh: none
registry: registry.local/acme
edge: { host: ${EDGE_HOST} }
services:
  web:
    repo: acme/web
    protocol: http
    edge: /
    calls: { STORE_ADDR: store }
  api:
    repo: acme/shop
    path: services/api
    protocol: http
    edge: /api
    calls: { STORE_ADDR: store }
  store:
    repo: acme/shop
    path: services/store
    protocol: grpc
    grpcServices: [store.v1.StoreService]
    secrets:
      AWS_ENDPOINT_URL_DYNAMODB: shop/dynamodb/endpoint
      AWS_REGION: shop/dynamodb/region
      AWS_ACCESS_KEY_ID: shop/dynamodb/id
      AWS_SECRET_ACCESS_KEY: shop/dynamodb/key
canary: { quota: { cpu: "1", memory: 2Gi } }
cluster: { environmentRepo: acme/env, restartAccount: ${RESTART_ACCOUNT.namespace}/${RESTART_ACCOUNT.name}, github: "${github}" }
`;
}
