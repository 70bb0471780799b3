# SPDX-License-Identifier: MIT
"""Runs that end within a second, and what a part of one of them must hold when it has been recovered."""
import re

import h5py
import numpy as np

NOT_RUN = 8  # status of a trajectory


def scenario(data, name):
    """A scenario of the folder `data`, whose paths hold anywhere."""
    text = (data / "scenarios" / name).read_text()
    return re.sub(r'"(?:\.\./)+(devices|datasets)', lambda found: f'"{data / found.group(1)}', text)


SINE = """[device]
model = "hp-drift"
[initial]
gamma = [0]
[[waveform]]
kind = "sine_burst"
amplitude = 1
frequency = 1
cycles = {cycles}
[record]
interval = 0.1
"""


def small_runs(data):
    """Scenario by command."""
    return {
        "simulate": SINE.format(cycles=20000),
        "sweep": scenario(data, "sweep_team_variability.toml") + "[record]\ninterval = 2e-7\n",
        "train": scenario(data, "mlp_xor.toml").replace("realizations = 20", "realizations = 4")
                                               .replace("[1, 200]", "[1, 1000]"),
    }  # fmt: skip


def compare(recovered, whole):
    """Compares a recovered file with the result of an uninterrupted run. Returns what is wrong, and the number of values
    that were saved: each is equal to the last bit, and the others are missing."""
    wrong, saved = [], 0

    def visit(name, mine):
        nonlocal saved
        if not isinstance(mine, h5py.Dataset) or name.startswith("provenance/"):
            return
        if name not in whole:  # beside the results: how far a training has come
            if name not in ("epochs_finished", "weight_latest"):
                wrong.append(f"{name} is not in the whole result")
            return
        other = whole[name][: len(mine)] if mine.maxshape[0] is None else whole[name][...]
        mine = mine[...]
        if mine.shape != other.shape or mine.dtype != other.dtype:
            wrong.append(f"{name} has another shape or type")
        elif mine.dtype.kind == "O":
            if list(mine) != list(other):
                wrong.append(f"{name} differs")
        else:
            missing = np.isnan(mine) if mine.dtype.kind == "f" else (mine == NOT_RUN if name == "status" else mine != mine)
            missing &= mine != other
            same = (mine == other) | (missing & (other != other)) if mine.dtype.kind == "f" else mine == other
            if not (same | missing).all():
                wrong.append(f"{name} differs")
            saved += int(same.sum())

    with h5py.File(recovered) as mine, h5py.File(whole) as whole:
        mine.visititems(visit)
        if "status" in mine:
            not_run = mine["status"][...] == NOT_RUN
            for name in ("gamma_final", "switching_time", "gamma", "end_time"):
                if not np.isnan(mine[name][...][not_run]).all():
                    wrong.append(f"{name} has values of what was not run")
        if not set(whole) <= set(mine):
            wrong.append(f"{set(whole) - set(mine)} are missing")
        if mine.attrs["complete"] == "yes":
            wrong += [f"attribute {name}" for name in whole.attrs if not np.array_equal(mine.attrs.get(name), whole.attrs[name])]
        [dict(mine[name].attrs) for name in ("provenance", "inputs")]  # can be read
    return wrong, saved
