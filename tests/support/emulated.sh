#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the program on emulated processors without AVX (Nehalem) and with AVX2 only (Haswell). It must start, choose their
# widest instruction set, and give bit-identical results to that instruction set on this machine.
# Arguments: the program, the data folder, a folder to write to.
set -euo pipefail
program=$1 data=$(realpath "$2") out=$3
mkdir -p "$out"
compare() { # processor, instruction set
  local emulated="qemu-x86_64-static -cpu $1 $program" file
  $emulated --version 2> /dev/null | grep "instruction set $2" || { echo "FAILED: $1 does not choose $2"; exit 1; }
  for file in sweep_hp_frequency sweep_team_variability mlp_xor; do
    local command=sweep change
    change='s/count = [0-9]*/count = 3/; s/samples = [0-9]*/samples = 40/'
    [[ $file == sweep_* ]] || { command=train change='s/^epochs = [0-9]*$/epochs = 2/; s/^realizations = [0-9]*$/realizations = 5/'; }
    sed "$change; s|\.\./devices|$data/devices|; /^\[record\]/,\$d" "$data/scenarios/$file.toml" > "$out/$file.toml"
    $emulated "$command" "$out/$file.toml" -o "$out/$1_$file.h5" &> "$out/said.txt" || { cat "$out/said.txt"; exit 1; }
    if ! "$program" --version | grep -q "available:.*$2"; then
      echo "$1: $file runs; not compared, as this processor has no $2"
    else
      "$program" "$command" "$out/$file.toml" -o "$out/native_$file.h5" --instruction-set "$2" > /dev/null
      /usr/bin/python3 - "$out/$1_$file.h5" "$out/native_$file.h5" << 'PYTHON'
import sys
import xarray
emulated, native = (xarray.open_dataset(name, engine="h5netcdf") for name in sys.argv[1:])
assert emulated.identical(native.assign_attrs(emulated.attrs)), "not the same to the last bit"
assert len(native.data_vars) > 2
PYTHON
      echo "$1: $file by $2 is the same to the last bit"
    fi
  done
}
compare Nehalem baseline
compare Haswell avx2
