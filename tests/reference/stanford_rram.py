"""Guan, Yu & Wong 2012 (doi:10.1109/LED.2012.2210856), with the parameters of the Verilog-A code, version 1.0.0."""

import math

BOLTZMANN, CHARGE = 1.380649e-23, 1.602176634e-19
DEFAULTS = {
    "I0": 1e-3, "g0": 0.25e-9, "V0": 0.25, "Vel0": 10.0, "Ea": 0.6, "gamma0": 16.0, "beta": 0.8, "g1": 1e-9,
    "a0": 0.25e-9, "tox": 12e-9, "T_ini": 298.0, "Rth": 2.1e3, "gap_min": 0.2e-9, "gap_max": 1.7e-9,
}


class Model:
    control = "voltage"
    n = 1
    levels, surfaces = [], []

    def __init__(self, p):
        self.p = p
        self.lower, self.upper = [p["gap_min"]], [p["gap_max"]]
        self.scale = [p["gap_max"] - p["gap_min"]]

    def drift(self, g, u):
        p = self.p
        kT = BOLTZMANN * (p["T_ini"] + abs(u * self.current(g, u)) * p["Rth"])
        gamma = p["gamma0"] - p["beta"] * (g[0] / p["g1"]) ** 3
        hop = math.sinh(gamma * p["a0"] / p["tox"] * CHARGE * u / kT)
        return [-p["Vel0"] * math.exp(-CHARGE * p["Ea"] / kT) * hop]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        p = self.p
        return p["I0"] * math.exp(-g[0] / p["g0"]) * math.sinh(u / p["V0"])


def make(p):
    return Model(DEFAULTS | p)
