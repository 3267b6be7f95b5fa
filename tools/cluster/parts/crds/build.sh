#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# Definitions, unchanged, from their Go modules: Gateway API (standard channel), ExternalSecret, Traefik's and Argo CD's own.
# Only the modules themselves are fetched, not what they depend on.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
cd "$(dirname "$0")"
mkdir -p "$output"
export GOTOOLCHAIN=local GOFLAGS="${GOFLAGS:-} -mod=readonly"
folder() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }

gateway=$(folder sigs.k8s.io/gateway-api)
for file in "$gateway"/config/crd/standard/gateway.networking.k8s.io_*.yaml; do
  echo ---
  cat "$file"
done > "$output/gateway-api.yaml"
secrets=$(folder github.com/external-secrets/external-secrets)
install -m 644 "$secrets/config/crds/bases/external-secrets.io_externalsecrets.yaml" "$output/external-secrets.yaml"
traefik=$(folder github.com/traefik/traefik/v3)
install -m 644 "$traefik/docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml" "$output/traefik.yaml"
argocd=$(folder github.com/argoproj/argo-cd/v3)
install -m 644 "$argocd/manifests/install.yaml" "$output/argocd.yaml"
