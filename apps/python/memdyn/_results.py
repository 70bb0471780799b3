# SPDX-License-Identifier: MIT
"""Results: files that are opened, events as a list, pictures, and exports."""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Union

import numpy
import xarray

from . import _engine
from ._errors import FileError, InputError
from ._progress import Progress, bar

Path = Union[str, "os.PathLike[str]"]
OneResult = Union[xarray.Dataset, Path]


def open(path: Path, group: str | None = None) -> xarray.Dataset:
    """Opens a result file.

    Parameters
    ----------
    path : path
        A file that this package, or the program, has written.
    group : str, optional
        "trajectory" for the recorded trajectories of a training, "inputs" for what a run depended on, "provenance".

    Returns
    -------
    xarray.Dataset
        Read when it is needed; `load()` reads all of it.

    Raises
    ------
    FileError
        If it cannot be read, or has no such group.
    """
    try:
        return xarray.open_dataset(os.fspath(path), engine="h5netcdf", group=group)
    except OSError as error:
        where = os.fspath(path) if group is None else f"{os.fspath(path)}, group {group}"
        failure = FileError(f"{where}: cannot be read: {error}")
        failure.place = where
        raise failure from error


def events(result: xarray.Dataset) -> list[dict[str, Any]]:
    """The events of a simulation: where its equations or its drive switch.

    Parameters
    ----------
    result : xarray.Dataset
        Of `simulate`.

    Returns
    -------
    list of dict
        In the order of time, with

        - time : float [s]
        - event : str; "segment" (an edge of the drive), "time_event" and "state_event" (a guard changes its sign),
          "bound_reached", "bound_released", "compliance", "sliding_begins" or "sliding_ends"
        - guards : dict; the guards that change their sign, True if they are positive from there on
        - drive [A] or [V], current [A], voltage [V] : float
        - one float for each internal variable, by its name

    Raises
    ------
    InputError
        If the dataset holds no events, because `record.interval` asks for samples alone.

    Examples
    --------
    >>> result = memdyn.simulate("data/scenarios/compliance_set.toml")
    >>> [(one["event"], one["guards"]) for one in memdyn.events(result)][:2]
    [('segment', {}), ('compliance', {'compliance (positive)': True})]

    ``pandas.DataFrame(memdyn.events(result))`` makes a table.
    """
    if "event" not in getattr(result, "data_vars", ()):
        raise InputError("events: must be given the dataset of a simulation, with its rows at events")
    result = result.transpose("time", ..., missing_dims="ignore")
    words = result.event.flag_meanings.split()
    time, code = result.time.values, result.event.values
    names = [words[one] for one in code]
    if names and set(names) == {"sample"}:
        raise InputError("events: the rows are samples at record.interval; events are recorded without that key")
    guards = [str(guard) for guard in result.guard.values] if "regime" in result else []
    positive = result.regime.values == 1 if guards else numpy.zeros((len(time), 0), bool)
    switched = numpy.zeros_like(positive)
    switched[1:] = positive[1:] != positive[:-1]
    rows = []
    for k, name in enumerate(names):
        if name in ("step", "sample", "between"):
            continue
        # an edge of the drive has a row before it and one after it, at neighbouring times
        if name == "segment" and k + 1 < len(time) and time[k + 1] <= numpy.nextafter(time[k], math.inf):
            switched[k + 1] |= switched[k]
            continue
        row: dict[str, Any] = {"time": float(time[k]), "event": name}
        row["guards"] = {guards[g]: bool(positive[k, g]) for g in numpy.flatnonzero(switched[k])}
        row.update({key: float(result[key].values[k]) for key in ("drive", "current", "voltage")})
        row.update(zip(map(str, result.variable.values), map(float, result.gamma.values[k])))
        rows.append(row)
    return rows


class Picture:
    """A picture in memory; a notebook shows it.

    Attributes
    ----------
    svg : str
    """

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Picture(SVG, {len(self.svg)} characters)"


def plot(result: OneResult | Sequence[OneResult] | Mapping[str, OneResult], picture: Path | None = None, *,
         view: str = "overview", x: str | None = None, y: str | Sequence[str] | None = None, log: str = "",
         start: float | None = None, end: float | None = None, quantity: str | None = None,
         variable: str | None = None, part: str | None = None, at: Mapping[str, float] | None = None,
         progress: Progress = None) -> Picture | None:  # fmt: skip
    """Draws results as `memdyn plot` does, with gnuplot.

    Parameters
    ----------
    result : xarray.Dataset or path, or a list or dictionary of them
        Several are drawn over one another; the legend names datasets by the keys of the dictionary.
    picture : path, optional
        A file to write; .svg, .png or .pdf selects the format.
    view : str
        "overview"; "loop": the I-V loop of a simulation; "parts": voltages and currents of the parts of a circuit;
        "transient": the first recorded update of a training (of its file); "prediction": target and answer of a
        regression; "map": the errors of pulses, and their causes, of `validate` with [map]; "orders": the errors of rules
        after pulses in several orders, of `validate`.
    x, y : str, and str or list of str, optional
        Quantities along time, against each other: "time", "drive", "current", "voltage", "memristance", "conductance",
        "power", an internal variable, or "DATASET[LABEL]".
    log : str
        Logarithmic axes, of magnitudes: "x", "y" or "xy".
    start, end : float, optional
        The span of time that is drawn [s].
    quantity, variable, part : str, optional
        What is drawn of a sweep.
    at : dict, optional
        Fixes axes of a sweep, each at its value nearest to the given one: ``{"frequency": 1.0}``.
    progress : bool or callable, optional
        As for `simulate`.

    Returns
    -------
    Picture or None
        None if a file is written.

    Raises
    ------
    InputError, FileError

    Examples
    --------
    >>> result = memdyn.simulate("data/scenarios/hp_sine.toml")
    >>> memdyn.plot(result, view="loop")
    Picture(SVG, ... characters)
    """
    options = _engine.PlotOptions()
    given = {"x": x, "start": start, "end": end, "quantity": quantity, "variable": variable, "part": part}
    for name, value in given.items():
        if value is not None:
            _set(options, name, value, "number of seconds" if name in ("start", "end") else "text")
    _set(options, "y", [y] if isinstance(y, str) else y or [], "text, or a list of texts")
    if at is not None and not isinstance(at, Mapping):
        raise InputError._at("at", f" = {at!r}: must be a dictionary of numbers")
    _set(options, "at", list((at or {}).items()), "dictionary of numbers")
    results: Mapping[str, OneResult]
    if isinstance(result, Mapping) and not isinstance(result, xarray.Dataset):  # which is a mapping, too
        results = result
    elif isinstance(result, Sequence) and not isinstance(result, str):
        results = {str(number): one for number, one in enumerate(result, 1)}
    else:
        results = {"result": result}
    with _files(results) as (folder, files), bar("drawing", progress) as show:
        drawn = os.path.join(folder, "picture.svg") if picture is None else os.fspath(picture)
        _engine.plot(files, drawn, view, options, log, show)
        if picture is not None:
            return None
        return Picture(pathlib.Path(drawn).read_text(encoding="utf-8"))


def _set(options: _engine.PlotOptions, name: str, value: Any, kind: str) -> None:
    try:
        setattr(options, name, value)
    except TypeError as error:
        raise InputError._at(name, f" = {value!r}: must be a {kind}") from error


def export(result: OneResult, format: str, output: Path, *, dataset: str = "") -> str:
    """Writes a table as text, or a device as a training simulator reads it.

    Parameters
    ----------
    result : xarray.Dataset or path
        For a training simulator: of `table`, or the dataset of `validate`.
    format : str
        "csv"; or "aihwkit", "aihwkit-csv", "crosssim-2.0", "crosssim-3", "xbtorch" or "neurosim".
    output : path
        The file of "csv"; else a folder, which is made if it does not exist.
    dataset : str
        For "csv": a dataset, or the group "trajectory" of a file. By default the rows of a simulation, the trajectories
        of a sweep, or the errors of a training.

    Returns
    -------
    str
        For a training simulator the names of the files, and how far its own rule departs from the integrated device.

    Raises
    ------
    InputError, FileError
    """
    with _files({"result": result}) as (_, files):
        if format == "csv":
            _engine.export_csv(files[0], dataset, os.fspath(output))
            return ""
        if dataset:
            raise InputError("export: dataset: applies to the format csv only")
        return _engine.export_rule(files[0], format, os.fspath(output))


@contextlib.contextmanager
def _files(results: Mapping[str, OneResult]) -> Iterator[tuple[str, list[str]]]:
    """A temporary folder, and the paths of result files; datasets in memory are written into that folder.

    Parameters
    ----------
    results : dict
        Datasets or paths. The names of the datasets become those of their files, which legends show.
    """
    for result in results.values():
        if not isinstance(result, (xarray.Dataset, str, os.PathLike)):
            raise InputError._at("result", f": must be a dataset of this package, or the path of a file, not a "
                                           f"{type(result).__name__}")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="memdyn-") as folder:
        files = []
        for name, result in results.items():
            if isinstance(result, xarray.Dataset):
                path = os.path.join(folder, f"{name}.h5".replace(os.sep, "-"))
                result.transpose("time", ..., missing_dims="ignore").to_netcdf(path, engine="h5netcdf")
                files.append(path)
            else:
                files.append(os.fspath(result))
        yield folder, files
