# SPDX-License-Identifier: MIT
"""Tests the type hints of the Python package with mypy: its sources hold what they declare, the stub of the extension
module describes that module, and a caller's mistakes are found. Argument: the root of the sources; the folder of the
package is on PYTHONPATH. Exit status 77 if mypy is not installed."""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

if importlib.util.find_spec("mypy") is None:
    print("skipped: mypy is not installed (setup.sh --dev)")
    sys.exit(77)

root = pathlib.Path(sys.argv[1]).resolve()
package = os.environ["PYTHONPATH"].split(os.pathsep)[0]
assert (pathlib.Path(package) / "memdyn/py.typed").exists(), "py.typed is not installed beside the package"

CALLER = """
import memdyn

result = memdyn.simulate("hp.toml", output="hp.h5")
reveal_type(memdyn.Simulation({"device": {"model": "vteam"}}).run(R_on=50).gamma)
reveal_type(memdyn.Device("vteam").voltage([1e-9, 2e-9], 1e-3))
reveal_type(memdyn.validate("table.toml")[1])
memdyn.plot([result, "other.h5"], view="loop", at={"frequency": 1})
memdyn.simulate(7)
memdyn.sweep("sweep.toml", threads="all")
memdyn.Classifier(hidden=8)
memdyn.Classifier(hidden=(8, "linear"))
"""
REVEALED = ("ndarray", "ndarray", "builtins.list[builtins.dict[builtins.str, Any]]")
WRONG = (9, 10, 12)  # lines of the mistakes


def run(*command):
    return subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True,
                          env={**os.environ, "MYPYPATH": package})  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    cache = f"--cache-dir={folder}"
    faults = []
    checked = run("mypy", cache, "--config-file=pyproject.toml")
    if checked.returncode != 0:
        faults.append(checked.stdout + checked.stderr)
    stub = run("mypy.stubtest", "memdyn._engine", f"--allowlist={root / 'tests/python/stubtest.allow'}")
    if stub.returncode != 0:
        faults.append(stub.stdout + stub.stderr)
    caller = pathlib.Path(folder) / "caller.py"
    caller.write_text(CALLER)
    found = [line for line in run("mypy", cache, "--config-file=", "--no-error-summary", str(caller)).stdout.splitlines()]
    notes = [line for line in found if "Revealed type" in line]
    errors = {int(line.split(":")[1]) for line in found if ": error:" in line}
    if len(notes) != len(REVEALED) or not all(word in note for word, note in zip(REVEALED, notes)):
        faults.append("revealed types:\n" + "\n".join(notes))
    if errors != set(WRONG):
        faults.append(f"a caller's mistakes are in the lines {WRONG}, but found:\n" + "\n".join(found))
sys.exit("\n".join(faults) or 0)
