# SPDX-License-Identifier: MIT
"""Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714): TEAM, with its own windows."""

import math

DEFAULTS = dict(R_on=50.0, R_off=1000.0, x_on=0.0, x_off=3e-9, k_on=-1e-3, k_off=1e-3, I_on=-1e-4, I_off=1e-4,
                alpha_on=3.0, alpha_off=3.0, a_on=0.6e-9, a_off=2.4e-9, w_c=0.1e-9, linear=False)


class Model:
    control, n, surfaces = "current", 1, []

    def __init__(self, p):
        self.p = p
        self.levels = [p["I_off"], p["I_on"]]
        self.lower, self.upper, self.scale = [p["x_on"]], [p["x_off"]], [p["x_off"] - p["x_on"]]

    def drift(self, g, u):
        p, x = self.p, g[0]
        if u > p["I_off"]:
            window = math.exp(-math.exp((x - p["a_off"]) / p["w_c"]))
            return [p["k_off"] * (u / p["I_off"] - 1) ** p["alpha_off"] * window]
        if u < p["I_on"]:
            window = math.exp(-math.exp((p["a_on"] - x) / p["w_c"]))
            return [p["k_on"] * (u / p["I_on"] - 1) ** p["alpha_on"] * window]
        return [0.0]

    def voltage(self, g, u):
        p = self.p
        y = (g[0] - p["x_on"]) / (p["x_off"] - p["x_on"])
        return u * (p["R_on"] + (p["R_off"] - p["R_on"]) * y if p["linear"] else
                    p["R_on"] * math.exp(math.log(p["R_off"] / p["R_on"]) * y))

    def current(self, g, u):
        return u


def make(p):
    return Model(DEFAULTS | p)
