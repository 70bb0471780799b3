# SPDX-License-Identifier: MIT
"""What a caller gives, as the engine reads it: the text of a TOML file, and files that exist in memory only."""

from __future__ import annotations

import json
import math
import numbers
import os
import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy
from numpy.typing import ArrayLike, NDArray

from . import _engine
from ._errors import InputError

Scenario = Union[str, "os.PathLike[str]", Mapping[str, Any]]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def real(values: ArrayLike, name: str) -> NDArray[numpy.float64]:
    """Numbers as an array. Those that a conversion would change without a word are refused."""
    try:
        array = numpy.asanyarray(values)
    except ValueError as error:  # lists of different lengths
        raise InputError._at(name, f": must be an array of real numbers: {error}") from error
    if array.dtype.kind in "mM":
        raise InputError._at(name, f": must be real numbers, not {array.dtype}; give times in seconds")
    if array.dtype.kind not in "biuf":
        raise InputError._at(name, f": must be real numbers, not {array.dtype}")
    refuse_masked(values, name)
    return numpy.asarray(array, float)


def refuse_masked(values: Any, name: str) -> None:
    """Refuses masked arrays, and lists of them, which NumPy would convert without their mask."""
    rows = values if isinstance(values, (list, tuple)) else (values,)
    if any(isinstance(row, numpy.ma.MaskedArray) and numpy.any(row.mask) for row in rows):
        raise InputError._at(name, ": has masked values; fill or remove them")


def given(scenario: Scenario, settings: Mapping[str, Any]) -> _engine.Given:
    """A scenario for the engine.

    Parameters
    ----------
    scenario : path, str or dict
        A path of a TOML file; a text of TOML (a `str` with a line break); or a dictionary of the same keys.
    settings : dict
        Values of keys that replace those of the scenario: ``{"device.parameters.R_on": 50}``.
    """
    texts: list[tuple[str, str]] = []
    changed = [f"{key}={_value(_with_tables(key, value, texts), key)}" for key, value in settings.items()]
    if isinstance(scenario, Mapping):
        text = _toml(scenario, texts)
        return _engine.Given(os.curdir, "<scenario>", text, texts, changed)
    if isinstance(scenario, str) and "\n" in scenario:
        return _engine.Given(os.curdir, "<scenario>", scenario, texts, changed)
    if not isinstance(scenario, (str, os.PathLike)):
        raise InputError(f"scenario: must be a path, a text of TOML, or a dictionary, not {type(scenario).__name__}")
    path = pathlib.Path(scenario)
    return _engine.Given(str(path.parent), path.name, None, texts, changed)


def _toml(scenario: Mapping[str, Any], texts: list[tuple[str, str]]) -> str:
    """The text of a dictionary: one top-level key a line, so that messages name the line of its table."""
    return "".join(f"{_key(key)} = {_value(_with_tables(key, value, texts), key)}\n" for key, value in scenario.items())


def _with_tables(key: str, value: Any, texts: list[tuple[str, str]]) -> Any:
    """The value of a top-level key, with tables of numbers in memory in place of arrays."""
    if key == "waveform" and isinstance(value, (Mapping, list, tuple)):
        return [_waveform(one, texts) for one in ([value] if isinstance(value, Mapping) else value)]
    return _data(value, texts) if key == "data" and isinstance(value, Mapping) else value


def _waveform(waveform: Any, texts: list[tuple[str, str]]) -> Any:
    """A waveform whose `time` and `value` are arrays becomes a table of numbers in memory."""
    if not isinstance(waveform, Mapping) or "time" not in waveform:
        return waveform
    rest = {key: value for key, value in waveform.items() if key not in ("time", "value")}
    if rest.get("kind", "csv") != "csv" or "value" not in waveform or "file" in waveform:
        raise InputError._at("waveform", ": arrays are given as {'time': ..., 'value': ...}, without kind and file")
    _refuse_layout("waveform", rest)
    return {"kind": "csv", "file": _table(texts, "waveform", (), waveform["time"], waveform["value"]), **rest}


def _data(data: Mapping[str, Any], texts: list[tuple[str, str]]) -> Mapping[str, Any]:
    """Data whose `inputs` and `targets` are arrays become a table of numbers in memory."""
    arrays = [key for key in ("inputs", "targets") if hasattr(data.get(key), "__len__")]
    if "inputs" not in data and ("file" in data or not arrays):
        return data
    if len(arrays) < 2 or "file" in data:
        raise InputError._at("data", ": arrays are given as {'inputs': ..., 'targets': ...}, one row each for each sample, "
                                    "without file")  # fmt: skip
    rest = {key: value for key, value in data.items() if key not in ("inputs", "targets")}
    _refuse_layout("data", rest)
    inputs, targets = (real(data[key], f"data.{key}") for key in ("inputs", "targets"))
    if inputs.ndim == 0 or targets.ndim == 0 or len(inputs) != len(targets):
        raise InputError._at("data", f": inputs and targets must have one row for each sample, not the shapes {inputs.shape} "
                                    f"and {targets.shape}")  # fmt: skip
    inputs, targets = (array.reshape(len(array), -1) for array in (inputs, targets))
    names = [f"x_{i + 1}" for i in range(inputs.shape[1])] + [f"y_{k + 1}" for k in range(targets.shape[1])]
    columns = [*inputs.T, *targets.T]
    return {"file": _table(texts, "data", names, *columns), "targets": targets.shape[1], **rest}


def _refuse_layout(table: str, keys: Mapping[str, Any]) -> None:
    """Refuses keys that say how a file is written, beside arrays."""
    for key in set(_engine.layout_keys).intersection(keys):
        raise InputError._at(f"{table}.{key}", f" = {keys[key]!r}: describes a file, but arrays are given; leave it out")


def _table(texts: list[tuple[str, str]], name: str, heading: Sequence[str], *columns: ArrayLike) -> str:
    """Adds a CSV of arrays, with every digit, and with a heading if there is one. Returns its name."""
    arrays = [real(column, name) for column in columns]
    if any(array.ndim != 1 or array.shape != arrays[0].shape for array in arrays):
        raise InputError._at(name, ": arrays must have one dimension and the same length, not "
                            + ", ".join(str(array.shape) for array in arrays))  # fmt: skip
    name = f"<{name} {len(texts)}>.csv"
    rows = [",".join(heading)] if heading else []
    rows += [",".join(map(repr, row)) for row in zip(*(array.tolist() for array in arrays))]
    texts.append((name, "\n".join(rows) + "\n"))
    return name


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InputError(f"key {key!r}: must be a text")
    return key if _BARE_KEY.match(key) else json.dumps(key)


def _value(value: Any, key: str) -> str:
    """A value of a key, as TOML."""
    refuse_masked(value, key)
    if isinstance(value, (numpy.timedelta64, numpy.datetime64)):
        raise InputError._at(key, f" = {value!r}: must be a real number; give times in seconds")
    if isinstance(value, (bool, numpy.bool_)):
        return "true" if value else "false"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        value = float(value)
        if math.isnan(value):
            return "nan"
        return repr(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, (str, os.PathLike)):
        return json.dumps(os.fspath(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(own)} = {_value(one, f'{key}.{own}')}" for own, one in value.items()) + "}"
    if hasattr(value, "__array__") and not isinstance(value, type):  # of pandas, of xarray
        value = numpy.asarray(value)
    if isinstance(value, numpy.ndarray) and value.ndim == 0:
        return _value(value.item(), key)
    if isinstance(value, (list, tuple, numpy.ndarray)):
        return "[" + ", ".join(_value(one, key) for one in value) + "]"
    remedy = f"must be a number, a text, a list or a dictionary, not {type(value).__name__}"
    raise InputError._at(key, f" = {value!r}: {remedy}")
