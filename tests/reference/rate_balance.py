"""Miranda, Milano & Ricciardi 2020 (doi:10.1109/TNANO.2020.3009734), with |V| as in Milano et al. 2022."""

import math

DEFAULTS = {
    "k_p0": 2.555173332603108574e-06, "k_d0": 6.488388862524891465e+01,
    "eta_p": 3.492155165334443012e+01, "eta_d": 5.590601016803570467e+00,
    "g_min": 1.014708121672117710e-03, "g_max": 2.723493729125820492e-03,
}


class Model:
    control = "voltage"
    n = 1
    lower, upper, scale = [0.0], [1.0], [1.0]
    levels, surfaces = [0.0], []

    def __init__(self, p):
        self.p = p

    def drift(self, g, u):
        p = self.p
        k_p = p["k_p0"] * math.exp(p["eta_p"] * abs(u))
        k_d = p["k_d0"] * math.exp(-p["eta_d"] * abs(u))
        return [k_p * (1 - g[0]) - k_d * g[0]]

    def voltage(self, g, u):
        return u

    def current(self, g, u):
        p = self.p
        return u * (p["g_min"] * (1 - g[0]) + p["g_max"] * g[0])


def make(p):
    return Model(DEFAULTS | p)
