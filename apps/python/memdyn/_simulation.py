# SPDX-License-Identifier: MIT
"""A simulation that is prepared once, and runs often."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy
import xarray
from numpy.typing import NDArray

from . import _engine
from ._errors import InputError
from ._runs import simulate
from ._scenario import Scenario, given, real


class Result:
    """The rows of one run, as NumPy arrays.

    Attributes
    ----------
    time, drive, current, voltage : numpy.ndarray, shape (row,)
        In s, A and V; times increase strictly.
    gamma : numpy.ndarray, shape (row, variable)
        Internal variables.
    event : numpy.ndarray of uint8, shape (row,)
        Why a row was recorded; `Simulation.event_names` has the words.
    end : numpy.ndarray, shape (variable,)
        Final state.
    steps : int
        Accepted steps.
    """

    __slots__ = ("time", "drive", "current", "voltage", "gamma", "event", "end", "steps", "_simulation", "_numbers")

    time: NDArray[numpy.float64]
    drive: NDArray[numpy.float64]
    current: NDArray[numpy.float64]
    voltage: NDArray[numpy.float64]
    gamma: NDArray[numpy.float64]
    event: NDArray[numpy.uint8]
    end: NDArray[numpy.float64]
    steps: int

    def __init__(self, columns: dict[str, Any], simulation: Simulation, numbers: dict[str, float]) -> None:
        for name, value in columns.items():
            setattr(self, name, value)
        self._simulation = simulation
        self._numbers = numbers

    def dataset(self) -> xarray.Dataset:
        """The same run as a dataset with units and attributes, as of `simulate`. It is integrated once more.

        Returns
        -------
        xarray.Dataset
        """
        return self._simulation.dataset(**self._simulation._prepared.whole(self._numbers))

    def __repr__(self) -> str:
        return f"Result({len(self.time)} rows to {self.time[-1] if len(self.time) else 0:g} s, end {self.end})"


def _anchored(scenario: Scenario) -> Scenario:
    """A path that holds in every working directory; anything else as it is."""
    if isinstance(scenario, str):
        return scenario if "\n" in scenario else os.path.abspath(scenario)
    return os.path.abspath(scenario) if isinstance(scenario, os.PathLike) else scenario


def _remade(kind: type[Simulation], scenario: Scenario, settings: dict[str, Any]) -> Simulation:
    """A simulation from what it was made of, when it is unpickled."""
    return kind(scenario, **settings)


class Simulation:
    """A scenario that is read once, and runs often with other numbers.

    Parameters
    ----------
    scenario : path, str or dict
        As for `simulate`.
    **settings
        Values of keys, as for `simulate`.

    Attributes
    ----------
    keys : list of str
        The numbers that `run` can change.
    variables : list of str
        Names of the internal variables.

    Examples
    --------
    >>> simulation = memdyn.Simulation("data/scenarios/hp_sine.toml")
    >>> [round(simulation.run(amplitude=a).gamma.max() * 1e9, 3) for a in (1e-4, 2e-4)]  # [nm]
    [4.183, 7.366]
    """

    event_names: list[str] = _engine.Prepared.event_names

    def __init__(self, scenario: Scenario, **settings: Any) -> None:
        # a dictionary may be changed later, and what it holds
        self._scenario = copy.deepcopy(scenario) if isinstance(scenario, Mapping) else _anchored(scenario)
        self._settings = settings
        self._prepared = _engine.Prepared(given(self._scenario, settings))
        for doubt in self._prepared.doubts:
            warnings.warn(doubt, stacklevel=2)
        self.keys = self._prepared.keys
        self.variables = self._prepared.variables

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), self._scenario, self._settings)

    def run(self, **numbers: float) -> Result:
        """Runs it.

        Parameters
        ----------
        **numbers : float
            Values for this run, by a key of `keys`, or by its last part if that is unique:
            ``R_on=50``, ``**{"waveform.amplitude": 2e-4}``.

        Returns
        -------
        Result

        Raises
        ------
        InputError, NumericalError
        """
        for key, value in numbers.items():
            if type(value) is not float and real(value, key).ndim > 0:
                raise InputError._at(key, f" = {value!r}: must be one number")
        return Result(self._prepared.run(numbers), self, numbers)

    def dataset(self, **settings: Any) -> xarray.Dataset:
        """Runs it as `simulate` does.

        Parameters
        ----------
        **settings
            Values of keys for this run, by their whole names: ``**{"device.parameters.R_on": 50}``.

        Returns
        -------
        xarray.Dataset
            With units and attributes.

        Raises
        ------
        InputError, NumericalError
        """
        return simulate(self._scenario, **{**self._settings, **settings})
