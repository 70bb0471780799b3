# SPDX-License-Identifier: MIT
"""The exceptions of memdyn. Their messages say what is wrong, where, and what to write instead."""

from __future__ import annotations


class Error(Exception):
    """Base of all exceptions of memdyn."""


class InputError(Error, ValueError):
    """A scenario, a device or an argument is not valid.

    Attributes
    ----------
    place : str
        File and line of the error, as in "loop.toml:12", or the function with the argument; empty if there is none.
    key : str
        The key with the error, as in the scenario; empty if the error does not concern a single key.
    value : str
        The value of that key, as the message shows it; empty if there is none.
    """

    place: str = ""
    key: str = ""
    value: str = ""

    @classmethod
    def _at(cls, key: str, message: str) -> InputError:
        """The error of a key. Its message begins with the key."""
        error = cls(f"{key}{message}")
        error.key = key
        return error


class NumericalError(Error, ArithmeticError):
    """An integration has failed.

    Attributes
    ----------
    device : str
        Name of the device.
    time : float
        Time of the failure [s].
    regime : str
        Signs of the guards at that time.
    failure : str
        Why: "not_finite", "tolerance", "switches_in_place", "no_solution", "runs_away" or "step_limit".
    """

    device: str = ""
    time: float = float("nan")
    regime: str = ""
    failure: str = ""


class FileError(Error, OSError):
    """A file cannot be read or written.

    Attributes
    ----------
    place : str
        What the message begins with: the file, as the message shows it.
    """

    place: str = ""
