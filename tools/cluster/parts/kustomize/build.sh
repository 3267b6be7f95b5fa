#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# kustomize, unchanged, from its Go module.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
cd "$(dirname "$0")"
mkdir -p "$output"
export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=readonly"
version=$(go list -m -f '{{.Version}}' sigs.k8s.io/kustomize/kustomize/v5)
go build -trimpath -ldflags="-s -w -X sigs.k8s.io/kustomize/api/provenance.version=$version" \
  -o "$output/kustomize" sigs.k8s.io/kustomize/kustomize/v5
