# SPDX-License-Identifier: MIT
"""Progress of long runs: a bar of tqdm, if it is installed and somebody can see it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from typing import Any, Union

Progress = Union[bool, Callable[[float], object], None]

_DELAY = 0.5  # before a bar appears, so that short runs show none [s]


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None


def _tqdm() -> Any:
    """The bar of tqdm that fits, or None: it is drawn by ipywidgets in a notebook, if these are there, else as text."""
    if importlib.util.find_spec("tqdm") is None:
        return None
    drawn = _in_notebook() and importlib.util.find_spec("ipywidgets") is not None
    return importlib.import_module("tqdm.notebook" if drawn else "tqdm").tqdm


@contextlib.contextmanager
def bar(what: str, wanted: Progress) -> Iterator[Callable[[float], object] | None]:
    """Yields a function for the share that is done, or None.

    Parameters
    ----------
    wanted : bool, callable or None
        None: a bar if somebody can see it; a function: it is called with the share in [0, 1].
    """
    if callable(wanted):
        yield wanted
        return
    seen = wanted if wanted is not None else _in_notebook() or sys.stderr.isatty()
    tqdm = _tqdm() if seen else None
    if tqdm is None:
        yield None
        return
    form = "{desc} {percentage:3.0f}% [{elapsed}<{remaining}]"
    with tqdm(total=1.0, desc=what, leave=False, delay=_DELAY, bar_format=form) as shown:
        yield lambda share: shown.update(share - shown.n)
