# SPDX-License-Identifier: MIT
"""Silva et al. 2020 (doi:10.1016/j.neunet.2019.10.013), Eq. 5-6, the second term of Eq. 6 with I_b = I_gamma unless
as printed (I_b = -I_gamma)."""

import math

DEFAULTS = dict(I_gamma=[20.0, 21.0, 22.0], a=0.5, learning_rate=0.1, activation="logistic", printed=False)


class Model:
    control, surfaces = "current", []

    def __init__(self, p):
        self.p = p
        self.n = len(p["I_gamma"]) + 1
        edges = [e for threshold in p["I_gamma"] for e in (threshold, threshold + p["a"])]
        self.levels = edges + [-e for e in edges]
        self.lower, self.upper, self.scale = [-math.inf] * self.n, [math.inf] * self.n, [1.0] * self.n

    def drift(self, g, u):
        moves = []
        for threshold in self.p["I_gamma"]:
            inside = threshold < abs(u) <= threshold + self.p["a"]
            b = -threshold if u > 0 or self.p["printed"] else threshold
            moves.append(u + b if inside else 0.0)
        return [*moves, 0.0]  # the learning rate rests

    def voltage(self, g, u):
        net = u + g[self.n - 2]
        if self.p["activation"] == "linear":
            return net
        return math.tanh(net) if self.p["activation"] == "tanh" else 1 / (1 + math.exp(-net))

    def current(self, g, u):
        return u


def make(p):
    return Model(DEFAULTS | p)
