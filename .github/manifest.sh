#!/bin/sh
# Prints the updater's manifest for the installers in a folder: which version, where each system finds it, its signature.
# `rollout` is the share of registers, in percent, that take the version; raise it in the published file, step by step.
# Usage: manifest.sh FOLDER VERSION ADDRESS
set -eu
folder=$1 version=$2 address=$3

platforms='{}'
add() { # the system's name in the manifest, and the pattern of its one installer
  signature=$(find "$folder" -name "$2.sig")
  if [ "$(printf '%s\n' "$signature" | grep -c .)" -ne 1 ]; then
    echo "expected one file like $2.sig in $folder, found: ${signature:-none}" >&2
    exit 1
  fi
  file=$(basename "${signature%.sig}")
  platforms=$(printf '%s' "$platforms" | jq --arg name "$1" --arg url "$address/$(printf '%s' "$file" | jq -sRr @uri)" \
    --rawfile signature "$signature" '.[$name] = {signature: ($signature | rtrimstr("\n")), url: $url}')
}
add linux-x86_64-deb '*.deb'
add linux-x86_64-rpm '*.rpm'
add windows-x86_64-nsis '*.exe'
add windows-x86_64-msi '*.msi'
add darwin-aarch64-app '*.app.tar.gz'
add darwin-x86_64-app '*.app.tar.gz'

jq -n --arg version "$version" --arg date "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --argjson platforms "$platforms" \
  '{version: $version, pub_date: $date, rollout: 5, platforms: $platforms}'
