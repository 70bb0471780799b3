# SPDX-License-Identifier: MIT
"""A device as an object: its equations, and its functions over arrays."""

import html
import os
import time

import numpy

from . import _engine, _svg
from ._errors import Error
from ._scenario import given

_PATIENCE = 3.0  # with the picture of a description [s]
_CHARACTERISTIC = 1  # of the loops: the one at the characteristic frequency


class _OutOfPatience(Exception):
    pass


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
        self._picture = None  # of the loop, once it has been drawn

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

    def fingerprint(self, progress=None):
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

        def row(one):
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

    def _loop(self):
        """The loop at the characteristic frequency, as a picture, or why there is none."""
        if self._picture is None:
            self._picture = self._draw_loop()
        return self._picture

    def _draw_loop(self):
        begin = time.monotonic()

        def give_up(share):
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
