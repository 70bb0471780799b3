# SPDX-License-Identifier: MIT
"""Runs: a scenario in, a dataset out."""

from __future__ import annotations

import numbers
import os
import tempfile
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import xarray

from . import _engine
from ._device import Device, models
from ._errors import InputError
from ._progress import Progress, bar
from ._results import open
from ._scenario import Scenario
from ._scenario import given as _given


def _run(function: Callable[..., dict[str, Any]], what: str, scenario: Scenario, output: str | os.PathLike[str] | None,
         progress: Progress, settings: Mapping[str, Any], *more: object) -> tuple[xarray.Dataset, dict[str, Any]]:  # fmt: skip
    """Runs a function of the engine. Returns the dataset, and what the run reports beside it."""
    if output is not None and not isinstance(output, (str, os.PathLike)):
        raise InputError._at("output", f" = {output!r}: must be the path of a file")
    given = _given(scenario, settings)
    with tempfile.TemporaryDirectory(prefix="memdyn-") as folder:
        file = os.path.join(folder, "result.h5") if output is None else os.fspath(output)
        with bar(what, progress) as show:
            try:
                report = function(given, file, show, *more)
            except KeyboardInterrupt:
                if output is not None:
                    raise
                raise KeyboardInterrupt("interrupted") from None  # without the name of the temporary file
        for warning in report["warnings"]:
            warnings.warn(warning, stacklevel=3)
        if output is not None:
            return open(file), report
        with open(file) as result:
            loaded = result.load()
    loaded.encoding.pop("source", None)  # the file is gone
    return loaded, report


def simulate(scenario: Scenario, *, output: str | os.PathLike[str] | None = None, progress: Progress = None,
             **settings: Any) -> xarray.Dataset:  # fmt: skip
    """Integrates one device, or one circuit of devices, under a waveform.

    Parameters
    ----------
    scenario : path, str or dict
        The path of a TOML file, a text of TOML (a `str` with a line break), or a dictionary of the same keys:

        - device : {"model": "vteam", "parameters": {"R_on": 50}}, or {"file": path} of a device file
        - initial : {"gamma": [value of each variable]}, or values by the names of the variables
        - waveform : a dictionary, or a list of them that follow one another: {"kind": "sine_burst", "amplitude": 1e-4,
          "frequency": 1.0, "cycles": 2}, or arrays {"time": t, "value": v} with t [s] and v [A] or [V], shape (sample,),
          linear between the samples. Kinds: constant, ramp, sine, chirp, exponential, pulse, pulse_train, triangle_sweep,
          sine_burst, sawtooth, staircase, biphasic, spike, expression, csv
        - drive, optional : {"quantity": "voltage", "compliance": 1e-3, "series_resistance": 50.0}; by default the
          waveform is the device's own input
        - record, integrate, optional : which rows are kept, and tolerances

        data/scenarios/README.md explains all keys. Paths in a file are relative to its folder, else to the working
        directory.
    output : path, optional
        A result file to write, which is then opened. Without it, the result is in memory alone.
    progress : bool or callable, optional
        By default a bar in a terminal or a notebook, if tqdm is installed and the run takes longer than half a second;
        a function is called with the share in [0, 1], and what it raises ends the run.
    **settings
        Values of keys for this run: ``**{"device.parameters.R_on": 50}``.

    Returns
    -------
    xarray.Dataset
        Along time [s], which increases strictly:

        - drive [A] or [V], current [A], voltage [V], memristance [Ohm], shape (time,)
        - gamma, shape (time, variable): internal variables, whose units are in variable_unit
        - event, shape (time,): why a row was recorded, see `events`
        - regime, shape (time, guard): 1 where a guard is positive

    Raises
    ------
    InputError
        A key or an argument is not valid.
    NumericalError
        The integration has failed; it has device, time, regime and failure.
    FileError
        A file cannot be read or written.

    Examples
    --------
    >>> result = memdyn.simulate({
    ...     "device": {"model": "hp-drift"},
    ...     "initial": {"gamma": [0.0]},
    ...     "waveform": {"kind": "triangle_sweep", "amplitude": 14.0, "period": 0.1},
    ... })
    >>> result.current.units, result.voltage.units, result.gamma.dims
    ('A', 'V', ('time', 'variable'))
    >>> changed = memdyn.simulate("data/scenarios/hp_sine.toml", **{"waveform.amplitude": 1e-4})
    """
    return _run(_engine.simulate, "simulating", scenario, output, progress, settings)[0]


def sweep(scenario: Scenario, *, output: str | os.PathLike[str] | None = None, progress: Progress = None,
          threads: int | None = None, instruction_set: str | None = None, resume: bool = False,
          **settings: Any) -> xarray.Dataset:  # fmt: skip
    """Integrates one device over a grid of numbers, or for numbers that are drawn at random, on all cores.

    Parameters
    ----------
    scenario, output, progress, **settings
        As for `simulate`; the keys are those of `memdyn sweep`.
    threads : int, optional
        0 to 1024; 0: all cores. Results do not depend on it.
    instruction_set : str, optional
        "scalar", "baseline", "avx2" or "avx512"; the widest of this processor by default.
    resume : bool
        Go on with what an interrupted run with this `output` has left.

    Returns
    -------
    xarray.Dataset
        status, end_time [s] and the reduced quantities, along the axes of the sweep and `sample`; gamma_final and the
        like also along variable. A trajectory that failed has another status than 0, and a warning gives their number;
        `to_dataframe()` gives a table.

    Raises
    ------
    InputError, FileError

    Examples
    --------
    >>> loops = memdyn.sweep("data/scenarios/sweep_hp_frequency.toml")
    >>> loops.loop_area.dims, loops.loop_area.units
    (('amplitude', 'frequency'), 'W')
    """
    more = (*_machine(threads, instruction_set), _resumed(output, resume))
    return _run(_engine.sweep, "sweeping", scenario, output, progress, settings, *more)[0]


def train(scenario: Scenario, *, output: str | os.PathLike[str] | None = None, progress: Progress = None,
          threads: int | None = None, instruction_set: str | None = None, resume: bool = False,
          **settings: Any) -> xarray.Dataset:  # fmt: skip
    """Trains a perceptron made of memristors; every update is an integrated pulse.

    Parameters
    ----------
    scenario, output, progress, threads, instruction_set, resume, **settings
        As for `sweep`; the keys are those of `memdyn train`. In a dictionary, ``data`` may hold arrays: ``inputs``
        (row x input) and ``targets`` (row x output).

    Returns
    -------
    xarray.Dataset
        total_error (gate x realization x epoch), weight_initial, weight_final (gate x realization x weight), accuracy.
        Recorded trajectories are in the group "trajectory" of `output`. The calibration report is in the attributes.

    Raises
    ------
    InputError, NumericalError, FileError

    Examples
    --------
    >>> result = memdyn.train("data/scenarios/slp_or.toml", **{"run.realizations": 2, "run.epochs": 100})
    >>> result.total_error.dims
    ('gate', 'realization', 'epoch')
    """
    more = (*_machine(threads, instruction_set), _resumed(output, resume))
    return _run(_engine.train, "training", scenario, output, progress, settings, *more)[0]


def _machine(threads: int | None, instruction_set: str | None = None) -> tuple[int | None, str | None]:
    """How a run uses the machine, once it has been looked at."""
    if threads is not None and (not isinstance(threads, numbers.Integral) or not 0 <= threads <= _engine.most_threads):
        most = _engine.most_threads
        raise InputError._at("threads", f" = {threads!r}: must be a whole number in 0 .. {most}, 0 for all cores")
    if instruction_set is not None and not isinstance(instruction_set, str):
        raise InputError._at("instruction_set", f" = {instruction_set!r}: must be the name of an instruction set")
    return threads, instruction_set


def _resumed(output: object, resume: bool) -> bool:
    if resume and output is None:
        raise InputError._at("resume", f" = {resume!r}: needs output, the file that the interrupted run was to write")
    return resume


def table(scenario: Scenario, *, output: str | os.PathLike[str] | None = None, progress: Progress = None,
          threads: int | None = None, **settings: Any) -> xarray.Dataset:  # fmt: skip
    """Tabulates what one pulse does to the conductance of a device, wherever it starts from.

    Parameters
    ----------
    scenario, output, progress, threads, **settings
        As for `sweep`; the keys are those of `memdyn table`.

    Returns
    -------
    xarray.Dataset
        conductance [S], shape (node,); conductance_change [S], shape (polarity, node); potentiation and depression [S],
        shape (pulse,): the conductance after series of pulses. With [[vary]] also sample_conductance and
        sample_conductance_change of other devices.

    Raises
    ------
    InputError, NumericalError, FileError
    """
    return _run(_engine.table, "tabulating", scenario, output, progress, settings, _machine(threads)[0])[0]


def validate(scenario: Scenario, *, output: str | os.PathLike[str] | None = None, progress: Progress = None,
             threads: int | None = None, instruction_set: str | None = None,
             **settings: Any) -> tuple[xarray.Dataset, list[dict[str, Any]]]:  # fmt: skip
    """Holds update rules against the integrated device, pulse by pulse or in trainings.

    Parameters
    ----------
    scenario, output, progress, threads, instruction_set, **settings
        As for `sweep`; the keys are those of `memdyn table`, or of a training with `[study]`. Only trainings have an
        instruction set.

    Returns
    -------
    dataset : xarray.Dataset
        As of `table`, with what each rule predicts; or the study.
    rules : list of dict
        For each rule its name, formula, parameters with their deviations, and its errors as shares of the range: the
        largest and rms of one pulse, after 100 and 10 000 pulses of the sequence, and the largest while pulses follow one
        another in each order (largest_runs, largest_up, ...). Of a study, for each
        task and value ("rule" and "reference", then numbers): the shares of trainings that succeed, and whose outcome
        the rule predicts, with their 95 % confidence; the difference of the final weights from those by the rule, over
        the change of those; and the median of the epochs to success. `pandas.DataFrame` makes a table of it.

    Raises
    ------
    InputError, NumericalError, FileError
    """
    more = _machine(threads, instruction_set)
    result, report = _run(_engine.validate, "tabulating", scenario, output, progress, settings, *more)
    return result, report["rules"]


def check(device: Device | Scenario, *, progress: Progress = None, **parameters: Any) -> list[tuple[str, str, str]]:
    """Tests the properties that a device declares, and those that every device must have.

    Parameters
    ----------
    device : Device, str, path or dict
        A device; the name of a model; a path of a device file; or a device as a text or a dictionary.
    progress : bool or callable, optional
        As for `simulate`.
    **parameters
        Parameters of a model that is given by its name.

    Returns
    -------
    list of (test, outcome, detail)
        Three texts each; the outcome is "holds", "fails" or "not claimed".

    Raises
    ------
    InputError, FileError

    Examples
    --------
    >>> {outcome for _, outcome, _ in memdyn.check("hp-drift")} <= {"holds", "not claimed"}
    True
    """
    with bar("checking", progress) as show:
        return _device(device, parameters)._engine.check(show)


def _device(device: Device | Scenario, parameters: Mapping[str, Any]) -> Device:
    named = isinstance(device, str) and not any(mark in device for mark in ("\n", os.sep, ".toml"))
    if isinstance(device, str) and (device in models() or named):
        return Device(device, **parameters)
    if parameters:
        raise InputError(f"check: {', '.join(parameters)}: only a model by its name takes parameters here")
    if isinstance(device, Device):
        return device
    if not isinstance(device, (str, os.PathLike, Mapping)):
        raise InputError._at("device", f" = {device!r}: must be a device, the name of a model, a path, a text or a dictionary")
    if isinstance(device, Mapping) or (isinstance(device, str) and "\n" in device):
        return Device.from_text(device)
    return Device.from_file(device)
