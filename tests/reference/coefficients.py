#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes Taylor coefficients of trajectories independently of Memdyn, and writes coefficients.csv.

mpmath evaluates the models of this folder with some 8000 bits, from Euler steps so small that differences of order 20 are
accurate (ode_taylor of mpmath). Each case is expanded at its initial state, with its drive at a third of the first segment
in which a variable moves.

  segment, time  number of the segment, and local time in it [s]
  unit           unit of time of the coefficients [s]
  coefficient    coefficient of order k [unit of the variable]

Usage: /usr/bin/python3 coefficients.py      needs python3-mpmath; writes the file
"""

import csv
import math
import sys
import types

from mpmath import mp
from mpmath.calculus.odes import ode_taylor

import solve

ORDER = 20
mp.prec = 400

exact = types.SimpleNamespace(inf=mp.inf, pi=mp.pi, floor=mp.floor, isfinite=mp.isfinite,
                              **{name: getattr(mp, name) for name in
                                 ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "sinh", "cosh", "tanh")},
                              copysign=lambda a, b: abs(a) if b >= 0 else -abs(a))


def drive(keys):
    """A segment like solve.Segment, with numbers of any precision."""
    duration = mp.mpf(keys["duration"])
    if keys["kind"] == "constant":
        return lambda s: mp.mpf(keys["value"])
    if keys["kind"] == "ramp":
        return lambda s: keys["from"] + (mp.mpf(keys["to"]) - keys["from"]) * s / duration
    if keys["kind"] == "sine":
        return lambda s: keys.get("offset", 0.0) + keys["amplitude"] * mp.sin(
            2 * mp.pi * keys["frequency"] * s + keys.get("phase", 0.0))
    return lambda s: keys["to"] + (mp.mpf(keys["from"]) - keys["to"]) * mp.exp(-s / mp.mpf(keys["tau"]))


def coefficients(case, keys):
    """Time, unit and coefficients of each variable; none if no variable moves."""
    value = drive(keys)
    time = keys["duration"] / 3

    def drift(s, state):
        return [mp.mpf(one) for one in case.model.drift(state, value(s))]

    state = [mp.mpf(one) for one in case.initial]
    slopes = drift(mp.mpf(time), state)
    if not any(slopes):
        return None
    series, _ = ode_taylor(mp, drift, mp.mpf(time), state, mp.prec, ORDER)
    unit = keys["duration"]
    while any(abs(c) * mp.mpf(unit) ** k > scale for own, scale in zip(series, case.scale)
              for k, c in enumerate(own[1:], 1)):
        unit /= 2
    return time, unit, [[c * mp.mpf(unit) ** k for k, c in enumerate(own)] for own in series]


def main():
    rows = []
    for path in sorted(solve.FOLDER.glob("*.toml")):
        toml = solve.tomllib.loads(path.read_text())
        case = solve.Case(path)
        if not case.prescribed:
            continue
        sys.modules[type(case.model).__module__].math = exact
        for n, keys in enumerate(toml["waveform"]):
            found = coefficients(case, keys)
            if found is None:
                continue
            time, unit, variables = found
            rows += [[path.stem, n, repr(time), repr(unit), i, k, repr(float(c) if abs(c) > 1e-290 else 0.0)]
                     for i, own in enumerate(variables) for k, c in enumerate(own)]
            break
        sys.modules[type(case.model).__module__].math = math
        print(path.stem, file=sys.stderr)
    with open(solve.FOLDER / "coefficients.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["case", "segment", "time", "unit", "variable", "order", "coefficient"])
        table.writerows(rows)


main()
