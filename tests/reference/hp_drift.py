# SPDX-License-Identifier: MIT
"""Strukov et al. 2008 (doi:10.1038/nature06932), Eq. 5-6, with the threshold of Silva et al. 2020
(doi:10.1016/j.neunet.2019.10.013), Eq. 7-8, as a function of |I|: odd in the current unless one-sided."""

DEFAULTS = dict(R_on=1.0, R_off=101.0, D=1.0, mu_v=1.0, I_gamma=10.0, mirrored=True, shifted=True, approximate=False)


class Model:
    control, n, surfaces = "current", 1, []

    def __init__(self, p):
        self.p = p
        threshold = p["I_gamma"] * p["D"] / (p["mu_v"] * p["R_on"])
        self.levels = [threshold, -threshold]
        left = -p["D"] / 2 if p["shifted"] else 0.0
        self.lower, self.upper, self.scale = [left], [left + p["D"]], [p["D"]]

    def drift(self, g, u):
        p = self.p
        speed = p["mu_v"] * p["R_on"] / p["D"] * abs(u) - p["I_gamma"]
        if speed <= 0 or (u < 0 and not p["mirrored"]):
            return [0.0]
        return [speed if u > 0 else -speed]

    def memristance(self, g):
        p = self.p
        doped = (g[0] - self.lower[0]) / p["D"]
        return p["R_off"] * (1 - doped) + (0.0 if p["approximate"] else p["R_on"] * doped)

    def voltage(self, g, u):
        return self.memristance(g) * u

    def current(self, g, u):
        return u


def make(p):
    return Model(DEFAULTS | p)
