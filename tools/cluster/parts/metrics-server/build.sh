#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# metrics-server, unchanged, from its Go module.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
cd "$(dirname "$0")"
mkdir -p "$output"
export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=readonly"
version=$(go list -m -f '{{.Version}}' sigs.k8s.io/metrics-server)
stamped="-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/client-go/pkg/version.gitVersion=$version"
go build -trimpath -ldflags="$stamped" \
  -o "$output/metrics-server" sigs.k8s.io/metrics-server/cmd/metrics-server
