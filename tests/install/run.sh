#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs a build into a new prefix, builds the consumer with it and runs that. Arguments: build folder, work folder.
set -euo pipefail
build=$1 work=$2 source=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work"
cmake --install "$build" --prefix "$work/prefix" > /dev/null
cmake -G Ninja -S "$source" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" > /dev/null
cmake --build "$work/build"
data=$work/prefix/share/memdyn
cd "$work"
build/consumer
build/transient "$data/devices/strukov_2008.toml" transient.h5 transient.svg
build/sweep "$data/scenarios/sweep_hp_frequency.toml" sweep.h5
build/training "$data/scenarios/slp_or.toml"
build/own_device "$source/leaky_sweep.toml" own.h5
if grep -rn "$build\|/usr/lib/x86_64" prefix/lib/cmake; then
  echo "the package holds a path of the machine on which it was built" >&2
  exit 1
fi
"$work/prefix/bin/memdyn" simulate "$data/scenarios/window_ramp.toml" -o "$work/ramp.h5"
for page in bash-completion/completions/memdyn zsh/site-functions/_memdyn fish/vendor_completions.d/memdyn.fish man/man1/memdyn.1; do
  [[ -s $work/prefix/share/$page ]] || { echo "share/$page is not installed" >&2; exit 1; }
done
