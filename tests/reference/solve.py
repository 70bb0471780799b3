#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes final states of the scenarios in this folder independently of Memdyn, and writes final_states.csv.

MODEL.py implements each model a second time, from its publication. Every trajectory is cut where the equations are not
smooth: at the breakpoints and extrema of the drive, where the native input crosses a level, where the state meets a
surface, where a variable reaches or leaves a bound. The pieces are integrated with the 8(5,3) pair of Dormand and Prince,
and a second time with Gragg-Bulirsch-Stoer extrapolation of order 16, which has its own steps and events.

  final        the state at the end of the drive, from the first method
  uncertainty  the difference between both methods, relative to the variable's scale
  sensitivity  the amplification of a small displacement of the state until the end of the drive: the largest of those
               made in one variable at a time (in units of the scales), at the beginning and in the middle of every
               segment

Usage: /usr/bin/python3 solve.py [CASE...]     needs python3-scipy; without arguments all cases, and the file is written
"""

import bisect
import csv
import importlib
import math
import pathlib
import sys
import tomllib

import numpy as np
from scipy.integrate import DOP853
from scipy.optimize import brentq

FOLDER = pathlib.Path(__file__).parent
STEPS_A_PIECE = 32  # at least; two sign changes within one step are missed
MOST_EVENTS = 10000


class Segment:
    """A smooth segment of the drive in local time."""

    def __init__(self, keys):
        kind = keys["kind"]
        self.duration = T = float(keys["duration"])
        self.extrema = []
        if kind == "constant":
            self.value = lambda s: keys["value"]
        elif kind == "ramp":
            self.value = lambda s: keys["from"] + (keys["to"] - keys["from"]) * (s / T)
        elif kind == "sine":
            omega, phase = 2 * math.pi * keys["frequency"], keys.get("phase", 0.0)
            self.value = lambda s: keys.get("offset", 0.0) + keys["amplitude"] * math.sin(omega * s + phase)
            k = math.floor(phase / math.pi - 0.5)
            while (s := ((k + 0.5) * math.pi - phase) / omega) < T:
                self.extrema += [s] if s > 0 else []
                k += 1
        elif kind == "exponential":
            self.value = lambda s: keys["to"] + (keys["from"] - keys["to"]) * math.exp(-s / keys["tau"])
        else:
            raise ValueError(f"waveform kind {kind}")

    def cuts(self, levels):
        """Local times of extrema and of crossings of the levels, from 0 to the duration."""
        monotone = [0.0, *self.extrema, self.duration]
        found = set(monotone)
        for a, b in zip(monotone, monotone[1:]):
            for level in levels:
                if (self.value(a) - level) * (self.value(b) - level) < 0:
                    found.add(brentq(lambda s: self.value(s) - level, a, b, xtol=1e-300, rtol=1e-15))
        found = sorted(found)
        return [a for a, b in zip(found, found[1:]) if b - a > 1e-14 * self.duration] + [self.duration]


class Case:
    def __init__(self, path):
        toml = tomllib.loads(path.read_text())
        device, parameters = dict(toml["device"]), {}
        if "file" in device:
            device |= (set_ := tomllib.loads((path.parent / device["file"]).read_text())) and {"model": set_["model"]}
            parameters |= set_.get("parameters", {})
        parameters |= toml["device"].get("parameters", {})
        self.name = path.stem
        self.model = importlib.import_module(device["model"].replace("-", "_")).make(parameters)
        self.initial = np.array(toml["initial"]["gamma"], float)
        self.segments = []
        for keys in toml["waveform"]:
            self.segments += [Segment(keys)] * keys.get("repeat", 1)
        drive = toml.get("drive", {})
        self.quantity = drive.get("quantity", self.model.control)
        self.resistance = drive.get("series_resistance", 0.0)
        # under a current source a resistance in series has no effect
        self.prescribed = self.quantity == self.model.control and (self.quantity == "current" or self.resistance == 0)
        self.scale = np.array(self.model.scale, float)
        self.lower, self.upper = np.array(self.model.lower, float), np.array(self.model.upper, float)
        self.levels = sorted(set(self.model.levels))
        self.guess = 0.0

    def excess(self, g, u, q):
        """The residual of Kirchhoff's law, increasing in u."""
        if self.model.control == "current":
            return self.model.voltage(g, u) + self.resistance * u - q
        if self.quantity == "current":
            return self.model.current(g, u) - q
        return u + self.resistance * self.model.current(g, u) - q

    def native(self, g, q):
        """The native input under the drive q: exact if the port is linear, else a bracketed root to 1e-15."""
        if self.prescribed:
            return q
        g = g.tolist()

        def f(u):
            try:
                return self.excess(g, u, q)
            except OverflowError:
                return math.copysign(math.inf, u)

        at_rest = f(0.0)
        if at_rest == 0 or not math.isfinite(at_rest):
            return 0.0 * at_rest
        u = self.guess or math.copysign(1e-6, -at_rest)
        slope = (f(u) - at_rest) / u
        if math.isfinite(slope) and slope > 0:
            linear = -at_rest / slope
            if abs(f(linear)) <= 1e-15 * abs(q) and abs(f(2 * linear) + at_rest) <= 1e-14 * abs(q):
                self.guess = linear
                return linear
        low, high, width = u, u, 1e-3 * abs(u)
        while f(low) > 0 and width < 1e100:
            low, width = low - width, 2 * width
        while f(high) < 0 and width < 1e100:
            high, width = high + width, 2 * width
        if not f(low) <= 0 <= f(high):
            return math.nan  # a trial step outside the domain
        if low < high:
            while not math.isfinite(f(low)):
                low /= 2
            while not math.isfinite(f(high)):
                high /= 2
            u = brentq(f, low, high, xtol=1e-300, rtol=9e-16)
        self.guess = u
        return u


def dop853(f, t, x, h):
    """One step: the new state and an estimate of its error."""
    K = np.empty((13, len(x)))
    K[0] = f(t, x)
    for i in range(1, 12):
        K[i] = f(t + DOP853.C[i] * h, x + h * (DOP853.A[i, :i] @ K[:i]))
    out = x + h * (DOP853.B @ K[:12])
    K[12] = f(t + h, out)
    fifth, third = abs(DOP853.E5 @ K), abs(DOP853.E3 @ K)
    weight = np.hypot(fifth, 0.1 * third)
    return out, abs(h) * np.divide(fifth * fifth, weight, out=np.zeros_like(fifth), where=weight > 0) + 0 * weight


def extrapolation(f, t, x, h):
    row, first = [], f(t, x)  # increments, whose rounding errors are smaller than those of the state
    for k in range(1, 9):
        n = 2 * k
        step = h / n
        before, now = 0 * x, step * first
        for i in range(1, n):
            before, now = now, before + 2 * step * f(t + i * step, x + now)
        new = [(before + now + step * f(t + h, x + now)) / 2]
        for j in range(1, k):
            new.append(new[j - 1] + (new[j - 1] - row[j - 1]) / ((k / (k - j)) ** 2 - 1))
        row = new
    return x + row[-1], abs(row[-1] - row[-2])


METHODS = {dop853: 8, extrapolation: 15}


class Run:
    """A trajectory of a case by one method."""

    def __init__(self, case, method, relative=1e-15, absolute=1e-17):
        self.case, self.method, self.relative, self.absolute = case, method, relative, absolute
        self.events = 0

    def input(self, t, x):
        """The native input, kept on the side of the levels to which the piece belongs, despite rounding."""
        u = self.case.native(x, self.segment.value(t))
        return u if math.isnan(u) else min(max(u, self.low), self.high)

    def drift(self, t, x):
        try:
            return np.array(self.case.model.drift(x.tolist(), self.input(t, x)), float)
        except (ValueError, OverflowError, ZeroDivisionError, TypeError):  # a trial step outside the domain
            return np.full(len(x), math.nan)

    def moving(self, t, x):
        slope = self.drift(t, x)
        slope[list(self.pins)] = 0
        return slope

    def keep_between(self, side):
        """The side of the levels on which the native input is: `side` counts the levels below it."""
        levels = [-math.inf, *self.case.levels, math.inf]
        self.side = side
        self.low = np.nextafter(levels[side], math.inf)
        self.high = np.nextafter(levels[side + 1], -math.inf)

    def choose_side(self, t, x):
        """From the native input slightly after time t."""
        u = self.case.native(x, self.segment.value(t))
        if u in self.case.levels:
            self.side, self.low, self.high = None, u, u
        else:
            self.keep_between(bisect.bisect(self.case.levels, u))

    def settle(self, t, x, free=()):
        """The variables at a bound that rest there, by their drift slightly after time t."""
        slope = self.drift(t, x)
        self.pins = {}
        for i in range(len(x)):
            side = 1 if x[i] >= self.case.upper[i] else -1 if x[i] <= self.case.lower[i] else 0
            if side and i not in free and side * slope[i] >= 0:
                self.pins[i] = side

    def watches(self, t, x):
        """The events that end a step, as (kind, index, function that is positive until then)."""
        case, found = self.case, []
        if not case.prescribed and self.side is not None:
            native = lambda t, x: case.native(x, self.segment.value(t))
            if self.side > 0:
                found.append(("level", -1, lambda t, x, at=case.levels[self.side - 1]: native(t, x) - at))
            if self.side < len(case.levels):
                found.append(("level", +1, lambda t, x, at=case.levels[self.side]: at - native(t, x)))
        for k, surface in enumerate(case.model.surfaces):
            sign = self.signs[k]
            found.append(("surface", k, lambda t, x, s=sign, f=surface: s * f(x.tolist(), self.input(t, x))))
        for i in range(len(x)):
            if i in self.pins:
                found.append(("release", i, lambda t, x, i=i, s=self.pins[i]: s * self.drift(t, x)[i]))
                continue
            if math.isfinite(case.upper[i]):
                found.append(("bound", i, lambda t, x, i=i: case.upper[i] - x[i]))
            if math.isfinite(case.lower[i]):
                found.append(("bound", i, lambda t, x, i=i: x[i] - case.lower[i]))
        return found

    def look_at_surfaces(self, t, x):
        self.signs = [1 if f(x.tolist(), self.input(t, x)) >= 0 else -1 for f in self.case.model.surfaces]

    def piece(self, x, begin, end):
        """Integrates between two local times of the segment between which the drive is monotone."""
        case, t = self.case, begin
        ahead = 1e-9 * (end - begin)
        self.choose_side((begin + end) / 2 if case.prescribed else begin + ahead, x)
        self.pins = {}
        self.look_at_surfaces(begin + ahead, x + ahead * np.nan_to_num(self.drift(begin + ahead, x)))
        self.settle(begin + ahead, x)
        h = longest = (end - begin) / STEPS_A_PIECE
        while t < end:
            last = t + h * (1 + 1e-10) >= end
            h = end - t if last else h
            out, error = self.method(self.moving, t, x, h)
            size = np.max(error / (self.absolute * case.scale + self.relative * np.maximum(abs(x), abs(out))))
            if not size <= 1:
                h *= max(0.2, 0.9 * size ** (-1 / METHODS[self.method])) if math.isfinite(size) else 0.25
                if h < 1e-16 * end:
                    raise RuntimeError(f"{case.name}: no step at {t} s in a segment, state {x}")
                continue
            watches = self.watches(t, x)
            landed, shortest = None, h
            for kind, which, positive in watches:
                if positive(t + h, out) >= 0 or positive(t, x) < 0:
                    continue
                by = lambda k, p=positive: p(t + k, self.method(self.moving, t, x, k)[0]) if k > 0 else p(t, x)
                ends = {0.0: by(0.0), h: by(h)}  # evaluated once: its rounding errors vary
                if ends[h] >= 0:
                    continue
                if ends[0.0] <= 0:
                    if kind == "bound" and ends[h] > -1e-13 * case.scale[which]:
                        continue
                    k = 0.0
                else:
                    k = brentq(lambda k: ends[k] if k in ends else by(k), 0.0, h, xtol=1e-16 * end, rtol=1e-15)
                    if kind == "surface":
                        k *= 1 - 1e-14  # keep every stage on this side; error control accounts for the rest
                if landed is None or k < shortest:
                    landed, shortest = (kind, which), k
            if landed is None:
                t, x = (end if last else t + h), out
                h = min(longest, h * min(4.0, 0.9 * max(size, 1e-8) ** (-1 / METHODS[self.method])))
                continue
            self.events += 1
            if self.events > MOST_EVENTS:
                raise RuntimeError(f"{case.name}: switches without end at {t} s in a segment, state {x}")
            x = self.method(self.moving, t, x, shortest)[0] if shortest > 0 else x
            t += shortest
            self.land(landed, t, x, ahead)
            h = min(longest, end - t)
        return x

    def land(self, landed, t, x, ahead):
        kind, which = landed
        if kind == "level":
            self.keep_between(self.side + which)
            self.settle(t + ahead, x)
        elif kind == "surface":
            self.signs[which] *= -1
            self.settle(t + ahead, x)
        elif kind == "bound":
            up = abs(x[which] - self.case.upper[which]) < abs(x[which] - self.case.lower[which])
            x[which] = (self.case.upper if up else self.case.lower)[which]
            self.pins[which] = 1 if up else -1
        else:
            del self.pins[which]

    def segments(self, x, begin=(0, 0.0), displaced=()):
        """Integrates from the given segment and local time to the end of the drive; yields intermediate states."""
        x = np.array(x, float)
        for number in range(begin[0], len(self.case.segments)):
            self.segment = self.case.segments[number]
            cuts = self.segment.cuts(self.case.levels if self.case.prescribed else [])
            cuts = sorted({*cuts, self.segment.duration / 2})
            start = begin[1] if number == begin[0] else 0.0
            for a, b in zip(cuts, cuts[1:]):
                if a < start:
                    continue
                if a in (0.0, self.segment.duration / 2):
                    yield (number, a), x.copy()
                x = self.piece(x, a, b)
        yield None, x

    def final(self, x, begin=(0, 0.0)):
        return list(self.segments(x, begin))[-1][1]


def sensitivity(case, stops):
    """The sensitivity of each variable at the end; see above."""
    step = 1e-6
    worst = np.zeros(len(case.scale))
    end = stops[-1][1]
    for begin, state in stops[:-1]:
        for j in range(len(state)):
            moved = state.copy()
            moved[j] += step * case.scale[j] * (1 if moved[j] + step * case.scale[j] <= case.upper[j] else -1)
            final = Run(case, dop853, 1e-12, 1e-14).final(moved, begin)
            worst = np.maximum(worst, abs(final - end) / case.scale / step)
    return worst


def solve(path):
    case = Case(path)
    stops = list(Run(case, dop853).segments(case.initial))
    final = stops[-1][1]
    again = Run(case, extrapolation).final(case.initial)
    uncertainty = abs(final - again) / case.scale
    growth = sensitivity(case, stops)
    for i in range(len(final)):
        yield case.name, i, f"{final[i]:.17g}", f"{uncertainty[i]:.1e}", f"{growth[i]:.2g}"


def main():
    sys.path.insert(0, str(FOLDER))
    rows = []
    for path in sorted(FOLDER.glob("*.toml")):
        if len(sys.argv) > 1 and path.stem not in sys.argv[1:]:
            continue
        for row in solve(path):
            print(*row, flush=True)
            rows.append(row)
    if len(sys.argv) == 1:
        with open(FOLDER / "final_states.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["case", "variable", "final", "uncertainty", "sensitivity"])
            writer.writerows(rows)


if __name__ == "__main__":
    main()
