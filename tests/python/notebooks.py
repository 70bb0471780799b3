# SPDX-License-Identifier: MIT
"""Executes the notebooks of a folder; each must end within a minute, without a warning, and show a picture. The files
themselves must hold no outputs, and their links must lead to files. Argument: the folder; the folder of the package is
on PYTHONPATH. Exit status 77 if nbconvert or what the notebooks import is not installed."""
import importlib.util
import json
import os
import pathlib
import re
import sys
import time

LONGEST = 60  # [s]
NEEDED = ("nbconvert", "nbformat", "ipykernel", "matplotlib", "pandas")


def faults_of_file(path):
    """What is wrong with the file as it is committed."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{path.name}: cell {cell['id']} holds outputs; clear them (nbconvert --clear-output --inplace)"
        if cell["cell_type"] == "markdown":
            for link in re.findall(r"\]\(([^)#]+)[^)]*\)", "".join(cell["source"])):
                if "://" not in link and not (path.parent / link).exists():
                    yield f"{path.name}: cell {cell['id']} links to {link}, which does not exist"


def faults_of_run(path):
    """What goes wrong when it is executed."""
    import nbformat
    from nbclient.exceptions import CellExecutionError
    from nbconvert.preprocessors import ExecutePreprocessor

    notebook = nbformat.read(path, as_version=4)
    begin = time.monotonic()
    try:
        ExecutePreprocessor(timeout=LONGEST).preprocess(notebook, {"metadata": {"path": str(path.parent)}})
    except CellExecutionError as error:
        yield f"{path.name}: " + re.sub(r"\x1b\[[\d;]*m", "", str(error))
        return
    seconds = time.monotonic() - begin
    print(f"{path.name}: {seconds:.1f} s", flush=True)
    if seconds > LONGEST:
        yield f"{path.name}: takes {seconds:.0f} s; it must end within {LONGEST} s"
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    for output in outputs:
        if output.output_type == "stream" and "Warning" in output.text:
            yield f"{path.name}: {output.text}"
    if not any("image/png" in output.get("data", ()) for output in outputs):
        yield f"{path.name}: shows no picture"


paths = sorted(pathlib.Path(sys.argv[1]).glob("*.ipynb"))
faults = [fault for path in paths for fault in faults_of_file(path)]
if not paths:
    faults.append(f"{sys.argv[1]}: holds no notebooks")
if not faults:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed (setup.sh --notebooks)")
        sys.exit(77)
    # kernels run in the folder of the notebooks
    os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a debugger of ipykernel warns of its own start
    faults = [fault for path in paths for fault in faults_of_run(path)]
sys.exit("\n".join(faults) or 0)
