#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build into a new prefix, builds the consumer with it and runs that. Arguments: build folder, work folder.
set -euo pipefail
build=$1 work=$2
rm -rf "$work"
cmake --install "$build" --prefix "$work/prefix" > /dev/null
cmake -G Ninja -S "$(dirname "$0")" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" > /dev/null
cmake --build "$work/build"
"$work/build/consumer"
"$work/prefix/bin/memdyn" simulate "$work/prefix/share/memdyn/scenarios/window_ramp.toml" -o "$work/ramp.h5"
