# SPDX-License-Identifier: MIT
"""Pickett et al. 2009 (doi:10.1063/1.3236506): switching of the width w of a tunnel barrier. Its current is Simmons' 1963
(doi:10.1063/1.1702682) generalized formula with image forces, computed in eV, nm and A."""
import math

DEFAULTS = dict(f_off=3.5e-6, i_off=115e-6, a_off=1.2e-9, f_on=40e-6, i_on=8.9e-6, a_on=1.8e-9, b=500e-6, w_c=107e-12,
                phi_0=0.95, kappa=5.0, A=1e-14, w_min=1.1e-9, w_max=1.9e-9, v_max=0.9)
E, H, M, EPS = 1.602176634e-19, 6.62607015e-34, 9.1093837015e-31, 8.8541878128e-12


class Model:
    control = "voltage"
    n = 1
    surfaces = []

    def __init__(self, p):
        self.p = {**DEFAULTS, **p}
        self.lower, self.upper = [self.p["w_min"]], [self.p["w_max"]]
        self.scale = [self.p["w_max"] - self.p["w_min"]]
        self.levels = [0.0, self.p["v_max"], -self.p["v_max"]]

    def barrier_current(self, w, v):
        """i for the width of the barrier [m] and 0 <= v <= v_max [V]"""
        p = self.p
        phi0, s = p["phi_0"], w * 1e9
        lam = E * math.log(2) / (8 * math.pi * p["kappa"] * EPS * w)
        w1 = 1.2 * lam * s / phi0
        w2 = w1 + s * (1 - 9.2 * lam / (3 * phi0 + 4 * lam - 2 * v))
        dw = w2 - w1
        phi = phi0 - v * (w1 + w2) / (2 * s) - 1.15 * lam * s / dw * math.log(w2 * (s - w1) / (w1 * (s - w2)))
        b = 4 * math.pi * dw * 1e-9 * math.sqrt(2 * M * E) / H
        j0 = E * E / (2 * math.pi * H * (dw * 1e-9) ** 2)
        low, high = b * math.sqrt(phi), b * math.sqrt(phi + v)
        # phi exp(-low) - (phi + v) exp(-high), written so that it is 0 at v = 0
        return p["A"] * j0 * math.exp(-high) * (phi * math.expm1(high - low) - v)

    def current(self, g, u):
        """Beyond v_max, ln i is extrapolated along its chord from v_max/2 to v_max."""
        v, v_max = abs(u), self.p["v_max"]
        if v <= v_max:
            return math.copysign(self.barrier_current(g[0], v), u)
        last, half = self.barrier_current(g[0], v_max), self.barrier_current(g[0], v_max / 2)
        return math.copysign(last * (last / half) ** (2 * (v / v_max - 1)), u)

    def voltage(self, g, u):
        return u

    def drift(self, g, u):
        p, w = self.p, g[0]
        i = self.current(g, u)
        i_0, f, y = ((p["i_off"], p["f_off"], (w - p["a_off"]) / p["w_c"]) if u > 0 else
                     (p["i_on"], -p["f_on"], (p["a_on"] - w) / p["w_c"]))
        x = abs(i) / i_0
        if x == 0:
            return [0.0]
        ln_sinh = x + math.log(-math.expm1(-2 * x) / 2)
        exponent = ln_sinh - math.exp(min(700.0, y - abs(i) / p["b"])) - w / p["w_c"]
        return [f * math.exp(max(-745.0, exponent))]


def make(p):
    return Model(p)
