# SPDX-License-Identifier: MIT
"""Nonlinear ion drift: Lehtonen and Laiho 2010 (doi:10.1109/CNNA.2010.5430304), as Kvatinsky et al. 2013
(doi:10.1109/TCSI.2012.2215714) state it; `leak` as in the authors' SPICE listing."""
import math

DEFAULTS = dict(a=1.0, m=5.0, n=2.0, alpha=2.0, beta=0.9e-6, gamma=4.0, chi=1e-10, leak=0.0, window="rectangular",
                p=1.0, w_min=0.0, w_max=1.0)


class Model:
    control = "voltage"
    n = 1
    levels = []
    surfaces = []

    def __init__(self, p):
        self.p = {**DEFAULTS, **p}
        self.lower, self.upper = [self.p["w_min"]], [self.p["w_max"]]
        self.scale = [self.p["w_max"] - self.p["w_min"]]

    def drift(self, g, u):
        p = self.p
        window = 1.0 if p["window"] == "rectangular" else 1 - abs(2 * g[0] - 1) ** (2 * p["p"])
        return [p["a"] * window * math.copysign(abs(u) ** p["m"], u)]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        p = self.p
        tunnelling = (max(g[0], 0.0) ** p["n"] + p["leak"]) * p["beta"] * math.sinh(p["alpha"] * u)
        return tunnelling + p["chi"] * math.expm1(p["gamma"] * u)


def make(p):
    return Model(p)
