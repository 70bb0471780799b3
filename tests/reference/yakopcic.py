"""Yakopcic et al. 2011 (doi:10.1109/LED.2011.2163292) and 2013 (doi:10.1109/TCAD.2013.2252057)."""

import math

DEFAULTS = {
    "a1": 0.17, "a2": 0.17, "b": 0.05, "V_p": 0.16, "V_n": 0.15, "A_p": 4000.0, "A_n": 4000.0,
    "x_p": 0.3, "x_n": 0.5, "alpha_p": 1.0, "alpha_n": 5.0, "reversed": False,
}


class Model:
    control = "voltage"
    n = 1
    lower, upper, scale = [0.0], [1.0], [1.0]

    def __init__(self, p):
        self.p = p
        self.levels = [-p["V_n"], 0.0, p["V_p"]]
        self.surfaces = [lambda g, u: g[0] - p["x_p"], lambda g, u: 1 - p["x_n"] - g[0]]

    def g(self, V):
        p = self.p
        if V > p["V_p"]:
            return p["A_p"] * (math.exp(V) - math.exp(p["V_p"]))
        if V < -p["V_n"]:
            return -p["A_n"] * (math.exp(-V) - math.exp(p["V_n"]))
        return 0.0

    def f(self, x, eta_V):
        p = self.p
        if eta_V >= 0:
            w_p = (p["x_p"] - x) / (1 - p["x_p"]) + 1
            return math.exp(-p["alpha_p"] * (x - p["x_p"])) * w_p if x >= p["x_p"] else 1.0
        w_n = x / (1 - p["x_n"])
        return math.exp(p["alpha_n"] * (x + p["x_n"] - 1)) * w_n if x <= 1 - p["x_n"] else 1.0

    def drift(self, g, u):
        eta = -1 if self.p["reversed"] else 1
        return [eta * self.g(u) * self.f(g[0], eta * u)]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        p = self.p
        return (p["a1"] if u >= 0 else p["a2"]) * g[0] * math.sinh(p["b"] * u)


def make(p):
    return Model(DEFAULTS | p)
