"""Nugent & Molter 2014 (doi:10.1371/journal.pone.0085175), the mean of many switches, with a Schottky path."""

import math

BOLTZMANN, CHARGE = 1.380649e-23, 1.602176634e-19
DEFAULTS = {
    "R_on": 500.0, "R_off": 1500.0, "V_on": 0.27, "V_off": 0.27, "tau": 1e-4, "T": 298.5,
    "phi": 1.0, "alpha_f": 0.0, "beta_f": 1.0, "alpha_r": 0.0, "beta_r": 1.0,
}


def fermi(z):
    """1/(1 + exp(-z)), with exp(-|z|), which cannot overflow"""
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


class Model:
    control = "voltage"
    n = 1
    lower, upper, scale = [0.0], [1.0], [1.0]
    levels, surfaces = [], []

    def __init__(self, p):
        self.p = p
        self.V_T = BOLTZMANN * p["T"] / CHARGE

    def drift(self, g, u):
        p = self.p
        P_on = fermi((u - p["V_on"]) / self.V_T)
        P_off = fermi(-(u + p["V_off"]) / self.V_T)  # 1 - fermi(z) = fermi(-z)
        return [(P_on * (1 - g[0]) - P_off * g[0]) / p["tau"]]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        p = self.p
        memory = u * (g[0] / p["R_on"] + (1 - g[0]) / p["R_off"])
        schottky = p["alpha_f"] * math.exp(p["beta_f"] * u) - p["alpha_r"] * math.exp(-p["beta_r"] * u)
        return p["phi"] * memory + (1 - p["phi"]) * schottky


def make(p):
    return Model(DEFAULTS | p)
