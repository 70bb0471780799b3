# SPDX-License-Identifier: MIT
"""The shipped two-spike protocol against SciPy: the final state and conductance over the time between both spikes, and
the energy. The equations and the drive are written here again; each trajectory is cut at the breakpoints of the drive,
and where the voltage passes a threshold, which is known in closed form. Arguments: the program, the folder data, a
folder to write to. Ends with 77 (skipped) if SciPy or h5py is missing."""
import pathlib
import subprocess
import sys

try:
    import h5py
    import numpy as np
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq
except ImportError:
    sys.exit(77)

program, data, out = sys.argv[1:]
pathlib.Path(out).mkdir(parents=True, exist_ok=True)
result = pathlib.Path(out) / "stdp.h5"
subprocess.run([program, "sweep", f"{data}/scenarios/sweep_stdp.toml", "-o", result], check=True)
sweep = h5py.File(result)

a, b, V_p, V_n, A, x_p, x_n, alpha_p, alpha_n = 0.17, 0.05, 0.16, 0.15, 4000.0, 0.3, 0.5, 1.0, 5.0
plateau, width, tail, tau, length, read = 0.12, 1e-3, 0.1, 0.02, 0.1, 0.05


def spike(t, side):
    """The spike at a time; at a breakpoint from the given side."""
    t = t + side * 1e-12
    return 0.0 if t < 0 or t > width + length else plateau if t < width else -tail * np.exp(-(t - width) / tau)


def rates(voltage):
    def all_of(t, y):
        x, v = y[0], voltage(t)
        if v > V_p:
            f = np.exp(-alpha_p * (x - x_p)) * ((x_p - x) / (1 - x_p) + 1) if x >= x_p else 1.0
            dx = A * (np.exp(v) - np.exp(V_p)) * f
        elif v < -V_n:
            f = np.exp(alpha_n * (x + x_n - 1)) * x / (1 - x_n) if x <= 1 - x_n else 1.0
            dx = -A * (np.exp(-v) - np.exp(V_n)) * f
        else:
            dx = 0.0
        return [dx, v * a * x * np.sinh(b * v)]

    return all_of


def final(delay):
    starts = {-1: max(0.0, -delay), 1: max(0.0, delay)}  # by the sign of the spike in the voltage

    def voltage(t, side=0):
        return sum(sign * spike(t - start, side) for sign, start in starts.items())

    cuts = sorted({start + at for start in starts.values() for at in (0.0, width, width + length)})
    state = np.array([0.4, 0.0])
    for begin, end in zip(cuts, cuts[1:]):
        if end - begin < 1e-12:
            continue
        inside = np.linspace(begin, end, 2001)
        inside[0], inside[-1] = begin + 1e-13, end - 1e-13
        parts = [begin, end]
        for level in (V_p, -V_n):
            above = np.array([voltage(t) for t in inside]) > level
            for k in np.flatnonzero(above[1:] != above[:-1]):
                parts.append(brentq(lambda t: voltage(t) - level, inside[k], inside[k + 1], xtol=1e-16))
        parts.sort()
        for one, other in zip(parts, parts[1:]):
            shrink = 1e-9 * (other - one)  # the right-hand side is that of the inside
            solved = solve_ivp(rates(lambda t: voltage(min(max(t, one + shrink), other - shrink))), (one, other), state,
                               method="DOP853", rtol=1e-11, atol=1e-14, max_step=(other - one) / 4)
            state = solved.y[:, -1]
    return state


failures = 0
delays = sweep["delay"][:]
assert delays[0] == -0.05 and delays[-1] == 0.05 and delays[50] == 0.0
for n in (0, 27, 30, 38, 45, 49, 50, 51, 58, 70, 74, 100):
    x, energy = final(delays[n])
    expected = {"gamma_final": x, "read_conductance": a * x * np.sinh(b * read) / read, "energy": energy}
    for name, value in expected.items():
        found = float(np.ravel(sweep[name][n])[0])
        if not np.isclose(found, value, rtol=2e-9, atol=1e-14):
            print(f"delay {delays[n]} s: {name} is {found}, SciPy: {value}")
            failures += 1
changes = np.ravel(sweep["gamma_final"][:]) - 0.4
if not (changes[51] > 0.1 and changes[49] < -0.1 and changes[0] == 0 == changes[100] == changes[50]):
    print(f"no window of plasticity: {changes}")
    failures += 1
sys.exit(failures > 0)
