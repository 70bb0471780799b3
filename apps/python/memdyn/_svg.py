# SPDX-License-Identifier: MIT
"""A loop of current and voltage as an SVG picture, small enough to stand within the description of a device."""

from __future__ import annotations

import math

import numpy
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 36


def _prefix(largest: float) -> tuple[str, float]:
    """A prefix of units, and its factor, for numbers up to `largest`."""
    power = math.floor(math.log10(largest) / 3 + 1e-9) if largest > 0 else 0
    power = max(-6, min(4, power))
    return "afpnµm kMGT"[power + 6].strip(), 1000.0**power


def _ticks(low: float, high: float) -> list[float]:
    """At most five round numbers within a range."""
    least = (high - low) / 5
    decade = 10.0 ** math.floor(math.log10(least))
    step = next(decade * round_number for round_number in (1, 2, 5, 10) if decade * round_number >= least)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


class _Axis:
    def __init__(self, values: NDArray[numpy.float64], unit: str, begin: float, end: float) -> None:
        self.name, self.factor = _prefix(max(abs(values.min()), abs(values.max())))
        self.name += unit
        low, high = values.min() / self.factor, values.max() / self.factor
        margin = 0.05 * (high - low) or 1.0
        self.low, self.high, self.begin, self.end = low - margin, high + margin, begin, end

    def place(self, value: float) -> float:
        return float(self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin))


def loop(voltage: NDArray[numpy.float64], current: NDArray[numpy.float64]) -> str:
    """The picture.

    Parameters
    ----------
    voltage, current : numpy.ndarray, shape (sample,)
        In V and A.
    """
    x, y = _Axis(voltage, "V", LEFT, WIDTH - RIGHT), _Axis(current, "A", HEIGHT - BOTTOM, TOP)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for tick in _ticks(x.low, x.high):
        at = x.place(tick)
        parts.append(f'<path d="M{at:.1f} {TOP}V{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 14}" text-anchor="middle">{tick:g}</text>')
    for tick in _ticks(y.low, y.high):
        at = y.place(tick)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{right}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 4}" y="{at + 4:.1f}" text-anchor="end">{tick:g}</text>')
    points = zip(voltage / x.factor, current / y.factor)
    corners = " ".join(f"{x.place(v):.1f},{y.place(i):.1f}" for v, i in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11" role="img" aria-label="loop of current and voltage">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>' + "".join(parts) +
        f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" stroke="#333"/>'
        f'<polygon points="{corners}" fill="none" stroke="#1f77b4" stroke-width="1.5"/>'
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 6}" text-anchor="middle">voltage [{x.name}]</text>'
        f'<text transform="translate(12 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">current [{y.name}]</text>'
        "</svg>"
    )  # fmt: skip
