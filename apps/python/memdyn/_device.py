# SPDX-License-Identifier: MIT
"""A device as an object: its equations, and its functions over arrays."""

import html
import os

import numpy

from . import _engine
from ._scenario import given


def models():
    """The built-in models, each with a summary and its equations, as a dictionary."""
    return _engine.models()


class Device:
    """A memristor V = R(gamma, I) I, d gamma/dt = f(gamma, I), or a circuit of memristors.

    Parameters
    ----------
    model : str
        A model of `models()`.
    **parameters
        Parameters that differ from the defaults: ``Device("vteam", R_on=50)``.

    Attributes
    ----------
    name : str
    control : str
        "current" or "voltage": the input of its drift.
    parameters : list of dict
        name, unit, value, and of built-in models low, high and meaning.
    variables : list of dict
        name, unit, lower and upper of each internal variable.
    guards : list of str
        Quantities at whose zero the equations switch.
    """

    def __init__(self, model, **parameters):
        self._engine = model if isinstance(model, _engine.Device) else _engine.Device(model, parameters)
        for name in ("name", "control", "parameters", "variables", "guards", "typical_input"):
            setattr(self, name, getattr(self._engine, name))

    @classmethod
    def from_file(cls, path):
        """A parameter set, a composite, or a device written as text (data/devices/README.md)."""
        return cls(_engine.Device(given(os.fspath(path), {})))

    @classmethod
    def from_text(cls, text):
        """The same from a text of TOML, or a dictionary of its keys."""
        return cls(_engine.Device(given(text if isinstance(text, dict) else text + "\n", {})))

    def voltage(self, gamma, current):
        """Voltage [V] of the state gamma under a current [A].

        Parameters
        ----------
        gamma : array_like, shape (..., variable)
            States; of a device with one variable also shape (...).
        current : array_like, shape (...)
            Broadcast against the states.

        Returns
        -------
        numpy.ndarray, shape (...)
            NaN where no voltage belongs to that current.
        """
        return self._over(self._engine.voltage, gamma, current)

    def current(self, gamma, voltage):
        """Current [A] of the state gamma under a voltage [V]; see `voltage`."""
        return self._over(self._engine.current, gamma, voltage)

    def drift(self, gamma, input):
        """Rates of all variables [unit of the variable / s] under the device's own input [A] or [V] (`control`).

        Returns
        -------
        numpy.ndarray, shape (..., variable)
            The bounds are not applied.
        """
        return self._over(self._engine.drift, gamma, input)

    def check(self):
        """Tests its declared properties; see `memdyn.check`."""
        return self._engine.check(None)

    def _over(self, function, gamma, drive):
        count = len(self.variables)
        gamma, drive = numpy.asarray(gamma, float), numpy.asarray(drive, float)
        if count == 1 and (gamma.ndim == 0 or gamma.shape[-1] != 1 or gamma.shape == drive.shape):
            gamma = gamma[..., None]
        shape = numpy.broadcast_shapes(gamma.shape[:-1], drive.shape)
        gamma = numpy.broadcast_to(gamma, (*shape, gamma.shape[-1]))
        return function(gamma, numpy.broadcast_to(drive, shape))

    def __repr__(self):
        values = ", ".join(f"{one['name']}={one['value']:g}" for one in self.parameters)
        return f"Device({self.name}: {values})"

    def _repr_html_(self):
        def cell(value):
            return f"<td>{html.escape(f'{value:g}' if isinstance(value, float) else str(value))}</td>"

        rows = "".join(
            "<tr>" + "".join(cell(one.get(key, "")) for key in ("name", "value", "unit", "meaning")) + "</tr>"
            for one in self.parameters
        )
        variables = ", ".join(
            f"{one['name']} [{one['unit']}] in {one['lower']:g} .. {one['upper']:g}" for one in self.variables
        )
        return (
            f"<b>{html.escape(self.name)}</b> <pre>{html.escape(self._engine.summary)}</pre>"
            f"<p>input: {self.control}; variables: {html.escape(variables)}</p>"
            f"<table><tr><th>parameter</th><th>value</th><th>unit</th><th>meaning</th></tr>{rows}</table>"
            + self._loop()
        )

    def _loop(self):
        """The I-V loop under two periods of a sine of the typical input, as a picture; nothing if it cannot run."""
        return ""
