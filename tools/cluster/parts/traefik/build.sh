#!/usr/bin/env bash
# build.sh OUTPUT_FOLDER
# Traefik from its Go module. Four of its dependencies are forks that a Go module proxy does not serve under the
# name that Traefik pins. Each is replaced by its upstream module plus the few lines in ./patches, or by a stub. Unaffected: the
# v3 rule matcher, the Kubernetes providers, proxying.
# PATCHED: v2 rule syntax, basic and digest authentication and ACME DNS-01 run on patched modules; there is no web UI.
set -euo pipefail
output=$(realpath -m "${1:?usage: build.sh OUTPUT_FOLDER}")
source=$(realpath "$(dirname "$0")")
# go.mod names the replaced modules by relative folders: the build runs in a copy, so that the checkout stays as it is
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
cp "$source/go.mod" "$source/go.sum" "$work/"
cd "$work"
mkdir -p "$output"
export GOTOOLCHAIN=local CGO_ENABLED=0

# module PATH VERSION: the folder of its sources in the module cache
module() { (cd / && go mod download -json "$1@$2" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'); }
# copy FROM TO: without tests, writable
copy() { mkdir -p "$2" && cp -r "$1"/. "$2" && chmod -R u+w "$2" && find "$2" -name '*_test.go' -delete; }

mkdir -p .build/ext
cp "$source/patches/ext.go.txt" .build/ext/ext.go
printf 'module github.com/traefik/traefik/dynamic/ext\n\ngo 1.24\n' > .build/ext/go.mod

copy "$(module github.com/gorilla/mux v1.8.1)" .build/mux
patch -s -p1 -d .build/mux < "$source/patches/mux.patch"

copy "$(module github.com/abbot/go-http-auth v0.4.0)" .build/httpauth
rm -rf .build/httpauth/examples
cp "$source/patches/httpauth.go.txt" .build/httpauth/added.go
printf 'module github.com/abbot/go-http-auth\n\ngo 1.24\n\nrequire (\n\tgolang.org/x/crypto v0.56.0\n\tgolang.org/x/net v0.50.0\n)\n' > .build/httpauth/go.mod

copy "$(module github.com/go-acme/lego/v5 v5.4.1)" .build/lego
rm -rf .build/lego/providers/dns .build/lego/cmd .build/lego/internal/dnsdocs .build/lego/e2e
mkdir .build/lego/providers/dns
cp "$source/patches/lego-dns.go.txt" .build/lego/providers/dns/dns.go
printf 'module github.com/go-acme/lego/v5\n\ngo 1.25.0\n' > .build/lego/go.mod

export GOFLAGS="${GOFLAGS:-} -buildvcs=false -mod=mod"
traefik=github.com/traefik/traefik/v3
version=$(go list -m -f '{{.Version}}' $traefik)
go build -trimpath -ldflags "-s -w -X $traefik/pkg/version.Version=${version#v}" -o "$output/traefik" $traefik/cmd/traefik
