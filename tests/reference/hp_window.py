# SPDX-License-Identifier: MIT
"""HP linear ion drift with a window: Strukov et al. 2008 (doi:10.1038/nature06932), Eq. 5-6, and one of
Joglekar and Wolf 2009, Eq. 12 (doi:10.1088/0143-0807/30/4/001); Biolek et al. 2009 (Radioengineering 18(2), 210);
Prodromakis et al. 2011, Eq. 3 (doi:10.1109/TED.2011.2158004); Zha et al. 2016 (doi:10.1109/TCSII.2015.2505959);
Kvatinsky et al. 2013 (doi:10.1109/TCSI.2012.2215714); Biolek et al. 2021, Eq. 7 (doi:10.1109/ACCESS.2021.3059241)."""
import math

DEFAULTS = dict(R_on=100.0, R_off=16000.0, D=1e-8, mu_v=1e-14, reversed=False, window="joglekar", p=1.0, j=1.0,
                a_on=0.8, a_off=0.2, w_c=0.03, logit=False)


class Model:
    control = "current"
    n = 1
    levels = [0.0]
    surfaces = []

    def __init__(self, p):
        self.p = {**DEFAULTS, **p}
        self.lower, self.upper = ([-math.inf], [math.inf]) if self.p["logit"] else ([0.0], [1.0])
        self.scale = [1.0]

    def shares(self, g):
        """w/D and 1 - w/D"""
        return (1 / (1 + math.exp(-g[0])), 1 / (1 + math.exp(g[0]))) if self.p["logit"] else (g[0], 1 - g[0])

    def window(self, x, current):
        """f(x, i), with stp(-i) = 1 for i <= 0"""
        p, j, window = self.p["p"], self.p["j"], self.p["window"]
        stp = 0.0 if current > 0 else 1.0
        if window in ("rectangular", "asymmetric"):
            return 1.0
        if window == "strukov":
            return x * (1 - x)
        if window == "joglekar":
            return 1 - abs(2 * x - 1) ** (2 * p)
        if window == "biolek":
            return 1 - abs(x - stp) ** (2 * p)
        if window == "prodromakis":
            return j * (1 - ((x - 0.5) ** 2 + 0.75) ** p)
        if window == "zha":
            return j * (1 - (0.25 * (x - stp) ** 2 + 0.75) ** p)
        assert window == "kvatinsky"
        # TEAM's coordinate is the undoped fraction u = 1 - x: f_on if it decreases, f_off if it increases
        u = 1 - x
        if current > 0:
            return math.exp(-math.exp(min(700.0, -(u - (1 - self.p["a_on"])) / self.p["w_c"])))
        return math.exp(-math.exp(min(700.0, (u - (1 - self.p["a_off"])) / self.p["w_c"])))

    def drift(self, g, u):
        p = self.p
        current = -u if p["reversed"] else u
        speed = p["mu_v"] * p["R_on"] / p["D"] ** 2 * current
        x, y = self.shares(g)
        if not p["logit"]:
            return [speed * self.window(x, current)]
        # dz/dt = dx/dt / (x (1 - x)), where (2x - 1)^2 = 1 - 4 x (1 - x) and (x - 1/2)^2 + 3/4 = 1 - x (1 - x)
        t = {"strukov": 0.0, "joglekar": 4 * x * y, "prodromakis": x * y}[p["window"]]
        factor = {"strukov": 1.0, "joglekar": 4.0, "prodromakis": p["j"]}[p["window"]]
        share = p["p"] if t < 1e-300 else 1.0 if t == 1 else -math.expm1(p["p"] * math.log1p(-t)) / t
        return [speed * factor * (1.0 if p["window"] == "strukov" else share)]

    def memristance(self, g):
        x, y = self.shares(g)
        return self.p["R_on"] * x + self.p["R_off"] * y

    def voltage(self, g, u):
        return self.memristance(g) * u

    def current(self, g, u):
        return u


def make(p):
    return Model(p)
