# SPDX-License-Identifier: MIT
"""Progress of long runs: a bar of tqdm, if it is installed and somebody can see it."""

import contextlib
import importlib.util
import sys

_DELAY = 0.5  # before a bar appears, so that short runs show none [s]


def _in_notebook():
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None


def _tqdm():
    """The bar of tqdm that fits, or None: it is drawn by ipywidgets in a notebook, if these are there, else as text."""
    if importlib.util.find_spec("tqdm") is None:
        return None
    if _in_notebook() and importlib.util.find_spec("ipywidgets") is not None:
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    return tqdm


@contextlib.contextmanager
def bar(what, wanted):
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
