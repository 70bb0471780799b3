# SPDX-License-Identifier: MIT
"""Kvatinsky et al. 2015 (doi:10.1109/TCSII.2015.2433536): VTEAM; its window "kvatinsky" is that of TEAM, Kvatinsky et
al. 2013 (doi:10.1109/TCSI.2012.2215714)."""

import math

DEFAULTS = dict(R_on=50.0, R_off=1000.0, w_on=0.0, w_off=3e-9, k_on=-10.0, k_off=5e-4, V_on=-0.2, V_off=0.02,
                alpha_on=3.0, alpha_off=1.0, window="rectangular", a_on=0.6e-9, a_off=2.4e-9, w_c=0.1e-9, linear=True)


class Model:
    control, n, surfaces = "voltage", 1, []

    def __init__(self, p):
        self.p = p
        self.levels = [p["V_off"], p["V_on"]]
        self.lower, self.upper, self.scale = [p["w_on"]], [p["w_off"]], [p["w_off"] - p["w_on"]]

    def window(self, distance):
        return math.exp(-math.exp(distance / self.p["w_c"])) if self.p["window"] == "kvatinsky" else 1.0

    def drift(self, g, u):
        p = self.p
        if u > p["V_off"]:
            return [p["k_off"] * (u / p["V_off"] - 1) ** p["alpha_off"] * self.window(g[0] - p["a_off"])]
        if u < p["V_on"]:
            return [p["k_on"] * (u / p["V_on"] - 1) ** p["alpha_on"] * self.window(p["a_on"] - g[0])]
        return [0.0]

    def current(self, g, u):
        p = self.p
        y = (g[0] - p["w_on"]) / (p["w_off"] - p["w_on"])
        if p["linear"]:
            return u / (p["R_on"] + (p["R_off"] - p["R_on"]) * y)
        return u / p["R_on"] * math.exp(-math.log(p["R_off"] / p["R_on"]) * y)

    def voltage(self, g, u):
        return u


def make(p):
    return Model(DEFAULTS | p)
