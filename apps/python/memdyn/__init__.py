# SPDX-License-Identifier: MIT
"""Memristors, circuits of memristors, and perceptrons made of them, in continuous time.

Every function that runs something takes a scenario as a path of a TOML file, as a text of TOML, or as a dictionary of
the same keys, and returns an `xarray.Dataset` with the datasets, units and attributes of the result file
(include/memdyn/record/README.md lists them).

>>> import memdyn
>>> hp = memdyn.simulate("data/scenarios/hp_sine.toml")
>>> hp.gamma.plot(x="time")
"""

from ._engine import instruction_set, version
from ._errors import Error, FileError, InputError, NumericalError
from ._device import Device, models
from ._estimator import Classifier, Regressor
from ._results import Picture, events, export, open, plot
from ._runs import check, simulate, sweep, table, train, validate
from ._simulation import Result, Simulation

__version__ = version()
__all__ = [
    "Classifier",
    "Device",
    "Error",
    "FileError",
    "InputError",
    "NumericalError",
    "Picture",
    "Regressor",
    "Result",
    "Simulation",
    "check",
    "events",
    "export",
    "instruction_set",
    "models",
    "open",
    "plot",
    "simulate",
    "sweep",
    "table",
    "train",
    "validate",
    "version",
]
