# SPDX-License-Identifier: MIT
"""A device as an object: its equations, and its functions over arrays."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy
import xarray
from numpy.typing import ArrayLike, NDArray

from . import _engine, _svg
from ._errors import Error, InputError
from ._scenario import given, real

_PATIENCE = 3.0  # with the picture of a description [s]
_CHARACTERISTIC = 1  # of the loops: the one at the characteristic frequency


class _OutOfPatience(Exception):
    pass


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _by_name(gamma: Any, names: list[str]) -> Any:
    """States with labels, of xarray or pandas, with the variables along the last axis in the order of the device."""
    try:
        if isinstance(gamma, xarray.DataArray) and "variable" in gamma.dims:
            ordered = gamma.sel(variable=names) if "variable" in gamma.coords else gamma
            return ordered.transpose(..., "variable")
        if hasattr(gamma, "columns") and all(isinstance(column, str) for column in gamma.columns):
            return gamma[names]
    except KeyError as error:
        raise InputError._at("gamma", f": its labels must be the variables, {', '.join(names)}") from error
    return gamma


def _remade(kind: type[Device], model: str | _engine.Given, parameters: Mapping[str, Any]) -> Device:
    """A device from what it was made of, when it is unpickled."""
    return kind(model, **parameters)


def models() -> dict[str, str]:
    """The built-in models.

    Returns
    -------
    dict of str to str
        For each name a summary and the equations.

    Examples
    --------
    >>> print(memdyn.models()["hp-drift"].splitlines()[0])
    HP memristor with linear drift and a threshold: the node of the multilayer perceptron
    """
    return _engine.models()


class Device:
    """A memristor V = R(gamma, I) I, d gamma/dt = f(gamma, I), or a circuit of memristors.

    Parameters
    ----------
    model : str
        A model of `models()`. `from_file` and `from_text` make other devices.
    **parameters
        Parameters that differ from the defaults.

    Attributes
    ----------
    name : str
    control : str
        "current" or "voltage": the input of its drift.
    typical_input : float
        An input that moves the state [A] or [V].
    parameters : list of dict
        name, unit, value, and of models and devices written as text low, high (the admissible range) and meaning.
        Words and switches of a model, such as a window, have no range.
    variables : list of dict
        name, unit, lower and upper of each internal variable.
    guards : list of str
        Quantities at whose zero the equations switch.

    Examples
    --------
    >>> device = memdyn.Device("vteam", R_on=60)
    >>> device.variables[0]["name"], device.control
    ('w', 'voltage')
    >>> device.current(0.0, 0.06)  # [A], at the lower bound of the state, where the resistance is R_on
    array(0.001)
    """

    def __init__(self, model: str | _engine.Given, **parameters: Any) -> None:
        if not isinstance(model, (str, _engine.Given)):
            raise InputError._at("model", f" = {model!r}: must be the name of a model; models() lists them")
        for key, value in parameters.items():
            if isinstance(value, (numpy.timedelta64, numpy.datetime64)):
                real(value, key)
        self._engine = _engine.Device(model, parameters) if isinstance(model, str) else _engine.Device(model)
        self._made_of = (model, parameters)
        self.name = self._engine.name
        self.control = self._engine.control
        self.parameters = self._engine.parameters
        self.variables = self._engine.variables
        self.guards = self._engine.guards
        self.typical_input = self._engine.typical_input
        self._picture: str | None = None  # of the loop, once it has been drawn

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Device:
        """A device of a file: a parameter set, a composite, or a device written as text (data/devices/README.md).

        Parameters
        ----------
        path : path

        Returns
        -------
        Device

        Raises
        ------
        InputError, FileError
        """
        return cls(given(os.fspath(path), {}))

    @classmethod
    def from_text(cls, text: str | Mapping[str, Any]) -> Device:
        """The same from the content of such a file.

        Parameters
        ----------
        text : str or dict
            A text of TOML, or a dictionary of its keys. Paths in it are relative to the working directory.

        Returns
        -------
        Device

        Raises
        ------
        InputError

        Examples
        --------
        >>> memdyn.Device.from_text({"model": "vteam", "parameters": {"R_on": 60}}).parameters[0]["value"]
        60.0
        """
        if not isinstance(text, Mapping):
            return cls(given(text + "\n", {}))
        return cls(given({"parameters": {}, **text} if "model" in text else text, {}))

    def voltage(self, gamma: ArrayLike, current: ArrayLike) -> NDArray[numpy.float64]:
        """Voltage [V] of the state gamma under a current [A].

        Parameters
        ----------
        gamma : array_like, shape (..., variable)
            States. Of a device with one variable also shape (...): its last axis is that of the variable if it has the
            length 1 and gamma has more axes than current.
        current : array_like, shape (...)
            Broadcast against the states.

        Returns
        -------
        numpy.ndarray, shape (...)
            NaN where no voltage belongs to that current.

        Raises
        ------
        InputError
            If the shapes do not fit each other, or an array holds no real numbers.

        Examples
        --------
        >>> memdyn.Device("vteam").voltage([0.0, 3e-9], 1e-3)  # [V]: both bounds of w, in m
        array([0.05, 1.  ])
        """
        return self._over(self._engine.voltage, gamma, current, "current")

    def current(self, gamma: ArrayLike, voltage: ArrayLike) -> NDArray[numpy.float64]:
        """Current [A] of the state gamma under a voltage [V].

        Parameters
        ----------
        gamma : array_like, shape (..., variable)
            States. Of a device with one variable also shape (...): its last axis is that of the variable if it has the
            length 1 and gamma has more axes than voltage.
        voltage : array_like, shape (...)
            Broadcast against the states.

        Returns
        -------
        numpy.ndarray, shape (...)
            NaN where no current belongs to that voltage.

        Raises
        ------
        InputError
            If the shapes do not fit each other, or an array holds no real numbers.
        """
        return self._over(self._engine.current, gamma, voltage, "voltage")

    def drift(self, gamma: ArrayLike, input: ArrayLike) -> NDArray[numpy.float64]:
        """Rates of all variables [unit of the variable / s] under the device's own input.

        Parameters
        ----------
        gamma : array_like, shape (..., variable)
            States. Of a device with one variable also shape (...): its last axis is that of the variable if it has the
            length 1 and gamma has more axes than input.
        input : array_like, shape (...)
            Currents [A] or voltages [V] (`control`), broadcast against the states.

        Returns
        -------
        numpy.ndarray, shape (..., variable)
            The bounds are not applied.

        Raises
        ------
        InputError
            If the shapes do not fit each other, or an array holds no real numbers.
        """
        return self._over(self._engine.drift, gamma, input, "input")

    def check(self) -> list[tuple[str, str, str]]:
        """Tests its declared properties.

        Returns
        -------
        list of (test, outcome, detail)
            As of `memdyn.check`.
        """
        return self._engine.check(None)

    def fingerprint(self, progress: Callable[[float], object] | None = None) -> dict[str, Any]:
        """Loops under sines, and switching times, as `memdyn gallery` measures them.

        Parameters
        ----------
        progress : callable, optional
            Called during the work; what it raises ends the work.

        Returns
        -------
        dict
            - amplitude : float, of the sines [A] or [V] (`control`): the typical input, or a larger one if guards need
              it, or a smaller one if the loops cannot be integrated otherwise
            - series_resistance : float, in series if the device needs it [Ohm]
            - frequency : float; the characteristic frequency [Hz], the highest that moves a variable through half its
              range
            - loops : list of dict, at 0.1, 1, 10 and 100 times that frequency: frequency [Hz]; voltage [V] and current
              [A], numpy.ndarray of shape (sample,), of the fifth period; area, as a share of the ranges of voltage and
              current; swing, the largest share of its range that a variable covers. Empty if none can be integrated
            - switching_times : list of float; from 10 % to 90 % of a range or back under plus and minus the amplitude
              [s], NaN if it does not switch
            - failure : str; why there are no loops
        """
        return self._engine.fingerprint(progress)

    def _over(
        self,
        function: Callable[[NDArray[numpy.float64], NDArray[numpy.float64]], NDArray[numpy.float64]],
        gamma: ArrayLike,
        drive: ArrayLike,
        name: str,
    ) -> NDArray[numpy.float64]:
        names = [one["name"] for one in self.variables]
        states, drives = real(_by_name(gamma, names), "gamma"), real(drive, name)
        if states.ndim == 0 and len(names) > 1:
            raise InputError._at("gamma", f": must have its last axis along the variables, {', '.join(names)}")
        if len(names) == 1 and not (states.ndim > drives.ndim and states.shape[-1] == 1):
            states = states[..., None]
        try:
            shape = numpy.broadcast_shapes(states.shape[:-1], drives.shape)
        except ValueError as error:
            raise InputError._at("gamma", f": states of the shape {states.shape[:-1]} (without the axis of the variables) and "
                                          f"{name} of the shape {drives.shape} do not fit each other") from error  # fmt: skip
        states = numpy.broadcast_to(states, (*shape, states.shape[-1]))
        return function(states, numpy.broadcast_to(drives, shape))

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), *self._made_of)

    def __repr__(self) -> str:
        values = ", ".join(f"{one['name']}={_short(one['value'])}" for one in self.parameters)
        return f"Device({self.name}: {values})"

    def _repr_html_(self) -> str:
        def cell(value: object) -> str:
            return f"<td>{html.escape(_short(value))}</td>"

        def row(one: dict[str, Any]) -> str:
            limits = f"{one['low']:g} to {one['high']:g}" if "low" in one else ""
            return "<tr>" + "".join(map(cell, (one["name"], one["value"], one["unit"], limits, one.get("meaning", "")))) + "</tr>"

        heading = "".join(f"<th>{word}</th>" for word in ("parameter", "value", "unit", "range", "meaning"))
        variables = ", ".join(
            f"{one['name']} [{one['unit']}] in {one['lower']:g} to {one['upper']:g}" for one in self.variables
        )
        unit = "A" if self.control == "current" else "V"
        return (
            f"<b>{html.escape(self.name)}</b> <pre>{html.escape(self._engine.summary)}</pre>"
            f"<p>input: {self.control} [{unit}]; variables: {html.escape(variables)}</p>"
            f"<table><tr>{heading}</tr>{''.join(map(row, self.parameters))}</table>" + self._loop()
        )

    def _loop(self) -> str:
        """The loop at the characteristic frequency, as a picture, or why there is none."""
        if self._picture is None:
            self._picture = self._draw_loop()
        return self._picture

    def _draw_loop(self) -> str:
        begin = time.monotonic()

        def give_up(share: float) -> None:
            if time.monotonic() - begin > _PATIENCE:
                raise _OutOfPatience

        try:
            measured = self._engine.fingerprint(give_up)
        except _OutOfPatience:
            return f"<p>No loop within {_PATIENCE:g} s; <code>fingerprint()</code> takes its time.</p>"
        except Error as error:
            return f"<p>No loop: {html.escape(str(error))}</p>"
        if not measured["loops"]:
            return f"<p>No loop: {html.escape(measured['failure'])}</p>"
        one = measured["loops"][_CHARACTERISTIC]
        unit = "A" if self.control == "current" else "V"
        drive = f"sine of {measured['amplitude']:.3g} {unit} at {one['frequency']:.3g} Hz"
        if measured["series_resistance"] > 0:
            drive += f", behind {measured['series_resistance']:.3g} Ω"
        return f"<figure>{_svg.loop(one['voltage'], one['current'])}<figcaption>{drive}</figcaption></figure>"
