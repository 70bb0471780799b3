# SPDX-License-Identifier: MIT
"""Progress of long runs: a bar of tqdm, if it is installed and somebody can see it."""

import contextlib
import sys


def _visible():
    """A terminal, or a notebook."""
    shell = sys.modules.get("IPython")
    kernel = shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None
    return kernel or sys.stderr.isatty()


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
    if wanted is False or (wanted is None and not _visible()):
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        yield None
        return
    with tqdm(total=1.0, desc=what, leave=False, bar_format="{desc} {percentage:3.0f}% [{elapsed}<{remaining}]") as shown:
        yield lambda share: shown.update(share - shown.n)
