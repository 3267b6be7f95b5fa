#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# Argo CD, unchanged, from its Go module: one binary, its role chosen by the name that it is called by.
# Why 3.2.11: 3.2.12 does not compile from its module; from 3.3 on a part of it is not served as a module; 3.6 needs a newer Go.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
cd "$(dirname "$0")"
mkdir -p "$output"
export GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=readonly"
module=github.com/argoproj/argo-cd/v3
version=$(go list -m -f '{{.Version}}' $module)
common=$module/common
go build -trimpath -ldflags="-s -w -X $common.version=${version#v} -X $common.gitTreeState=clean" -o "$output/argocd" $module/cmd
for role in server application-controller applicationset-controller repo-server notifications git-ask-pass k8s-auth; do
  ln -sf argocd "$output/argocd-$role"
done
