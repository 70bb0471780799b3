"""Pershin & Di Ventra 2010, and Biolek, Di Ventra & Pershin 2013, model R2. The printed (|V + V_t| - |V - V_t|)/2 is
computed as the voltage limited to the thresholds, which avoids rounding in the difference.

The printed step functions W(R, V), which stop R at its limits, are bounds here.
"""

DEFAULTS = {"R_on": 1e3, "R_off": 10e3, "alpha": 0.0, "beta": 1e13, "V_t": 4.6}


class Model:
    control = "voltage"
    n = 1
    surfaces = []

    def __init__(self, p):
        self.p = p
        self.lower, self.upper = [p["R_on"]], [p["R_off"]]
        self.scale = [p["R_off"] - p["R_on"]]
        self.levels = [-p["V_t"], p["V_t"]]

    def drift(self, g, u):
        p = self.p
        inner = min(max(u, -p["V_t"]), p["V_t"])
        return [p["beta"] * (u - inner) + p["alpha"] * inner]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        return u / g[0]


def make(p):
    return Model(DEFAULTS | p)
