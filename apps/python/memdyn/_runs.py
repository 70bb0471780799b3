# SPDX-License-Identifier: MIT
"""Runs: a scenario in, a dataset out."""

import os
import tempfile
import warnings

from . import _engine
from ._device import Device
from ._progress import bar
from ._results import open
from ._scenario import given as _given


def _run(function, what, scenario, output, progress, settings, *more):
    """Runs a function of the engine. Returns the dataset, and what the run reports beside it."""
    given = _given(scenario, settings)
    with tempfile.TemporaryDirectory(prefix="memdyn-") as folder:
        file = os.path.join(folder, "result.h5") if output is None else os.fspath(output)
        with bar(what, progress) as show:
            report = function(given, file, show, *more)
        for warning in report["warnings"]:
            warnings.warn(warning, stacklevel=3)
        if output is not None:
            return open(file), report
        with open(file) as result:
            loaded = result.load()
    loaded.encoding.pop("source", None)  # the file is gone
    return loaded, report


def simulate(scenario, *, output=None, progress=None, **settings):
    """Integrates one device, or one circuit of devices, under a waveform.

    Parameters
    ----------
    scenario : path, str or dict
        As for `memdyn simulate`. In a dictionary, a waveform of arrays is ``{"time": t, "value": v}`` with t [s] and
        v [A] or [V], linear between them.
    output : path, optional
        A result file to write. Without it, the result is in memory alone.
    progress : bool or callable, optional
        By default a bar in a terminal or a notebook, if tqdm is installed; a function is called with the share in
        [0, 1].
    **settings
        Values of keys for this run: ``**{"device.parameters.R_on": 50}``.

    Returns
    -------
    xarray.Dataset
        drive, current [A], voltage [V], memristance [Ohm], gamma (time x variable), event (time), regime (time x
        guard), along time [s].

    Raises
    ------
    InputError, NumericalError, FileError
    """
    return _run(_engine.simulate, "simulating", scenario, output, progress, settings)[0]


def sweep(scenario, *, output=None, progress=None, threads=None, instruction_set=None, resume=False, **settings):
    """Integrates one device over a grid of numbers, or for numbers that are drawn at random, on all cores.

    Parameters
    ----------
    scenario, output, progress, **settings
        As for `simulate`; the keys are those of `memdyn sweep`.
    threads : int, optional
        0: all cores. Results do not depend on it.
    instruction_set : str, optional
        "scalar", "baseline", "avx2" or "avx512"; the widest of this processor by default.
    resume : bool
        Go on with what an interrupted run with this `output` has left.

    Returns
    -------
    xarray.Dataset
        status, end_time [s] and the reduced quantities, along the axes of the sweep and `sample`. A trajectory that
        failed has another status than 0, and a warning gives their number; `to_dataframe()` gives a table.

    Raises
    ------
    InputError, FileError
    """
    more = (threads, instruction_set, resume)
    return _run(_engine.sweep, "sweeping", scenario, output, progress, settings, *more)[0]


def train(scenario, *, output=None, progress=None, threads=None, instruction_set=None, resume=False, **settings):
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
    """
    more = (threads, instruction_set, resume)
    return _run(_engine.train, "training", scenario, output, progress, settings, *more)[0]


def table(scenario, *, output=None, progress=None, **settings):
    """Tabulates what one pulse does to the conductance of a device, wherever it starts from.

    Parameters
    ----------
    scenario, output, progress, **settings
        As for `simulate`; the keys are those of `memdyn table`.

    Returns
    -------
    xarray.Dataset
        conductance [S] (node), conductance_change (polarity x node), and series of pulses.
    """
    return _run(_engine.table, "tabulating", scenario, output, progress, settings)[0]


def validate(scenario, *, output=None, progress=None, **settings):
    """Holds the update rules of training simulators against the integrated device.

    Parameters
    ----------
    scenario, output, progress, **settings
        As for `table`.

    Returns
    -------
    dataset : xarray.Dataset
        As of `table`, with what each rule predicts.
    rules : list of dict
        For each rule its name, formula, parameters with their deviations, and its errors as shares of the range: the
        largest and rms of one pulse, after 100 and 10 000 pulses, and the largest in the sequence. `pandas.DataFrame`
        makes a table of it.
    """
    result, report = _run(_engine.validate, "tabulating", scenario, output, progress, settings)
    return result, report["rules"]


def check(device, *, progress=None, **parameters):
    """Tests the properties that a device declares, and those that every device must have.

    Parameters
    ----------
    device : Device, path, str or dict
        A device, or what `Device` takes.

    Returns
    -------
    list of (test, outcome, detail)
        The outcome is "holds", "fails" or "not claimed".
    """
    if not isinstance(device, Device):
        device = Device(device, **parameters)
    with bar("checking", progress) as show:
        return device._engine.check(show)
