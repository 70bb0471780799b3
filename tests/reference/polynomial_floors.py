# SPDX-License-Identifier: MIT
"""Writes polynomial_floors.csv: the least 1/2 sum (T - O)^2 of a polynomial, O = p, and of its square, O = p^2, over the
targets of "memdyn reproduce --figure universality", by SciPy's least squares from 400 random starts.

    /usr/bin/python3 polynomial_floors.py > polynomial_floors.csv
"""
import itertools

import numpy
from scipy.optimize import least_squares


def franke(x, y):
    return (0.75 * numpy.exp(-((9 * x - 2) ** 2 + (9 * y - 2) ** 2) / 4)
            + 0.75 * numpy.exp(-((9 * x + 1) ** 2) / 49 - (9 * y + 1) / 10)
            + 0.5 * numpy.exp(-((9 * x - 7) ** 2 + (9 * y - 3) ** 2) / 4)
            - 0.2 * numpy.exp(-((9 * x - 4) ** 2) - (9 * y - 7) ** 2))


def targets():
    x = numpy.arange(-50, 51) / 50
    yield "sine", x[:, None], 0.5 + 0.4 * numpy.sin(2 * numpy.pi * x)
    yield "step", x[:, None], numpy.where(x < 0, 0.1, 0.9)
    x, y = (each.ravel() for each in numpy.meshgrid(numpy.arange(11) / 10, numpy.arange(11) / 10))
    yield "franke", numpy.stack([x, y], 1), franke(x, y)


def main():
    random = numpy.random.default_rng(2020)
    print("target,degree,linear,square")
    for name, points, values in targets():
        for degree in 2, 4:
            powers = [p for p in itertools.product(range(degree + 1), repeat=points.shape[1]) if sum(p) <= degree]
            basis, _ = numpy.linalg.qr(numpy.stack([numpy.prod(points ** numpy.array(p), 1) for p in powers], 1))
            linear = 0.5 * numpy.sum((values - basis @ (basis.T @ values)) ** 2)
            square = min(least_squares(lambda c: values - (basis @ c) ** 2, 2 * random.normal(size=len(powers)),
                                       jac=lambda c: -2 * (basis @ c)[:, None] * basis, method="lm",
                                       xtol=1e-15, ftol=1e-15, gtol=1e-15).cost for _ in range(400))
            print(f"{name},{degree},{linear:.12g},{square:.12g}")


main()
