# SPDX-License-Identifier: MIT
"""Silva et al. 2020 (doi:10.1016/j.neunet.2019.10.013), Eq. 17-18, as a function of |I|: odd in the current unless
one-sided."""

DEFAULTS = dict(R_on=1.0, D=1.0, mu_v=1.0, I_gamma=10.0, B=16.0, mirrored=True)


class Model:
    control, n, surfaces = "current", 1, []

    def __init__(self, p):
        self.p = p
        threshold = p["I_gamma"] * p["D"] / (p["mu_v"] * p["R_on"])
        self.levels = [threshold, -threshold]
        self.lower, self.upper, self.scale = [-p["D"] / 2], [p["D"] / 2], [p["D"]]

    def drift(self, g, u):
        p = self.p
        speed = p["mu_v"] * p["R_on"] / p["D"] * abs(u) - p["I_gamma"]
        if speed <= 0 or (u < 0 and not p["mirrored"]):
            return [0.0]
        return [speed if u > 0 else -speed]

    def voltage(self, g, u):
        return self.p["B"] * g[0] * u

    def current(self, g, u):
        return u


def make(p):
    return Model(DEFAULTS | p)
