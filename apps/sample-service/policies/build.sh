#!/bin/sh
# Compiles the policies for the embedded evaluation. `OPA` names another opa than the one on PATH; where there is none,
# Go builds it from its modules (a few minutes). `build.sh --opa` only says where opa is.
set -eu
version=1.22.2
folder=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/keploy-framework/opa-$version

opa=${OPA:-$(command -v opa || true)}
if [ -z "$opa" ]; then
  opa=$cache/opa
  if [ ! -x "$opa" ]; then
    mkdir -p "$cache"
    GOBIN=$cache CGO_ENABLED=0 GOFLAGS=-mod=mod go install -trimpath "github.com/open-policy-agent/opa@v$version" >&2
  fi
fi
if [ "${1:-}" = --opa ]; then
  echo "$opa"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# From inside the folder: the names of the files stand in what is compiled, which must not depend on where a clone lies.
(
  cd "$folder"
  "$opa" check --strict platform.rego
  "$opa" build --target wasm --entrypoint platform/decision --output "$work/bundle.tar.gz" platform.rego
)
tar xzf "$work/bundle.tar.gz" -C "$work" policy.wasm 2>/dev/null || tar xzf "$work/bundle.tar.gz" -C "$work" /policy.wasm
cp "$work/policy.wasm" "${1:-$folder/platform.wasm}"
# Says of which rules it was made, so that a test sees without opa that somebody forgot to compile.
[ -n "${1:-}" ] || sha256sum <"$folder/platform.rego" | cut -c 1-64 >"$folder/platform.wasm.source"
