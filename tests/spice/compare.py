#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares SPICE subcircuits of published models in ngspice with the same devices in the program: current and state over
time.

Arguments: the program, a folder to write to. Exit status 77, which skips the test, if ngspice is not installed.

Each NAME.cir has its NAME.toml. Differences are relative to the range covered. ngspice uses a second-order method with
steps of at most 1/20000 or 1/10000 of a period and reltol = 1e-6, which leaves an error of some 1e-7 for a smooth loop.
The subcircuits have no bounds; the smoothed stops that they have instead cause larger errors, proportional to their
widths.
"""

import pathlib
import shutil
import subprocess
import sys

import numpy as np
import xarray

# unit of the state in the subcircuit; bound on the differences, a few times the measured ones
CASES = {
    "hp_biolek": (1.0, 2e-6),
    "pershin_di_ventra": (1.0, 5e-4),  # published smoothing: the state runs 13 b2 past its bound, 1.4e-4 of its range
    "vteam": (3e-9, 5e-5),  # the stop is 1e-5 of the range wide
}


def main():
    program, out = sys.argv[1], pathlib.Path(sys.argv[2])
    if shutil.which("ngspice") is None:
        print("skipped: there is no ngspice (setup.sh --bench)")
        return 77
    out.mkdir(parents=True, exist_ok=True)
    failures = 0
    for name, (unit, bound) in CASES.items():
        source = pathlib.Path(__file__).resolve().parent / name
        subprocess.run(
            [program, "simulate", f"{source}.toml", "-o", out / f"{name}.h5"], check=True, stdout=subprocess.DEVNULL
        )
        rows = out / f"{name}.txt"
        rows.unlink(missing_ok=True)
        log = subprocess.run(["ngspice", "-b", f"{source}.cir"], cwd=out, capture_output=True, text=True)
        if not rows.exists():
            sys.exit(f"{name}: ngspice wrote nothing\n{log.stdout}{log.stderr}")
        time, voltage, current, state = np.loadtxt(rows).T
        with xarray.open_dataset(out / f"{name}.h5", engine="h5netcdf") as run:
            at = run.time.values
            if time[-1] < (1 - 1e-9) * at[-1]:
                sys.exit(f"{name}: ngspice stopped at {time[-1]} s\n{log.stdout}{log.stderr}")

            def difference(theirs, ours):
                return np.abs(theirs - np.interp(time, at, ours)).max() / np.ptp(ours)

            differences = {
                "voltage": difference(voltage, run.voltage.values),
                "current": difference(current, run.current.values),
                "state": difference(unit * state, run.gamma.values[:, 0]),
            }
        good = max(differences.values()) <= bound
        print(name, *(f"{key} {value:.1e}" for key, value in differences.items()), "" if good else f"FAILED: > {bound}")
        failures += not good
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
