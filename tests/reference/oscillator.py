# SPDX-License-Identifier: MIT
"""The shipped relaxation oscillator against SciPy: passages of a level, their times, number, mean period and its spread.
Arguments: the program, the folder data, a folder to write to. Ends with 77 (skipped) if SciPy or h5py is missing."""
import pathlib
import subprocess
import sys

try:
    import h5py
    import numpy as np
    from scipy.integrate import solve_ivp
except ImportError:
    sys.exit(77)

program, data, out = sys.argv[1:]
pathlib.Path(out).mkdir(parents=True, exist_ok=True)
result = pathlib.Path(out) / "oscillator.h5"
subprocess.run([program, "sweep", f"{data}/scenarios/sweep_oscillator.toml", "-o", result], check=True)
sweep = h5py.File(result)

R_hot, B, R_th, C_th, T_0, C, R, level, end = 2.27, 3000.0, 1e6, 1e-13, 300.0, 2e-10, 2e4, 0.6, 2e-4


def passages(source):
    """The upward passages of the level."""

    def rates(_, y):
        T, v = y
        i = v * np.exp(-B / T) / R_hot
        return [(v * i - (T - T_0) / R_th) / C_th, ((source - v) / R - i) / C]

    def above(_, y):
        return y[1] - level

    above.direction = 1
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-12, "events": above}
    return solve_ivp(rates, (0.0, end), [T_0, 0.0], **options).t_events[0]


failures = 0
for n in (0, 2, 10, 30):
    expected = passages(sweep["source"][n])
    gaps = np.diff(expected)
    first = np.append(expected, [np.nan] * 3)[:3]
    checks = {"passage_time": (first, 1e-8), "passages_rising": (len(expected), 0)}
    if len(gaps) > 0:
        checks["passage_frequency"] = (1 / gaps.mean(), 1e-8)
        checks["passage_period_deviation"] = (gaps.std(ddof=1), 1e-4)
    for name, (value, within) in checks.items():
        if not np.allclose(sweep[name][n], value, rtol=within, atol=0, equal_nan=True):
            print(f"source {sweep['source'][n]} V: {name} is {sweep[name][n]}, SciPy: {value}")
            failures += 1
sys.exit(failures > 0)
