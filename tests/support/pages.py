# SPDX-License-Identifier: MIT
"""Checks the pages: links lead somewhere, inputs that README.md and the tutorial show are files that ship, commands and
Python blocks run in their order (then those of the file format, of learning and of Python), and CITATION.cff has the project's
version. Arguments: the program, the project's folder, a folder to write to."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

program, project, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
pages = [
    path
    for path in sorted(project.rglob("*.md"))
    if not any(part == "build" or part.startswith(".") for part in path.relative_to(project).parts)
]
failures = []


def anchors(text):
    """Anchors of a page's headings, as GitHub forms them."""
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


for page in pages:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists():
            failures.append(f"{page.relative_to(project)}: {target} does not exist")
        elif anchor and anchor not in anchors(linked.read_text()):
            failures.append(f"{page.relative_to(project)}: {target} has no such heading")

shipped = [path.read_text() for path in sorted((project / "data").rglob("*.toml"))]
shutil.rmtree(out, ignore_errors=True)
(out / "build/release").mkdir(parents=True)
(out / "build/release/memdyn").symlink_to(program)
(out / "data").symlink_to(project / "data")
tried = ["README.md", "data/scenarios/TUTORIAL.md", "include/memdyn/record/README.md", "include/memdyn/learn/README.md",
         "data/scenarios/rules/README.md"]  # fmt: skip
package = program.parent / "python"
if package.exists():
    tried.append("apps/python/README.md")
environment = {**os.environ, "PYTHONPATH": str(package)}
for page in tried:
    for language, block in re.findall(r"```(\w+)\n(.*?)```", (project / page).read_text(), flags=re.S):
        if language == "toml" and not any(block in text for text in shipped):
            failures.append(f"{page}: this is no file of data/:\n{block}")
        if language == "python":  # matplotlib is not among the packages that setup.sh installs
            block = "".join(line for line in block.splitlines(True) if ".plot(" not in line)
            commands = [["/usr/bin/python3", "-c", block]]
        elif language == "sh":
            commands = [
                line.split("#")[0].split()
                for line in block.splitlines()
                if line.startswith(("build/release/memdyn ", "/usr/bin/python3 data/", "gnuplot "))
            ]
        else:
            commands = []
        for command in commands:
            done = subprocess.run(command, cwd=out, capture_output=True, text=True, env=environment)
            if done.returncode != 0:
                failures.append(f"{page}: {' '.join(command)} ends with {done.returncode}: {done.stderr}")

for notebook in sorted((project / "data/notebooks").glob("*.ipynb")):
    if any(cell.get("outputs") or cell.get("execution_count") for cell in json.loads(notebook.read_text())["cells"]):
        failures.append(f"{notebook.relative_to(project)}: clear its outputs")

versions = [
    re.search(pattern, (project / file).read_text(), flags=re.M)[1]
    for file, pattern in (("CMakeLists.txt", r"^project\(memdyn VERSION (\S+)"), ("CITATION.cff", r"^version: (\S+)"))
]
if len(set(versions)) > 1:
    failures.append(f"CITATION.cff is of another version than CMakeLists.txt: {versions}")

print("\n".join(failures))
sys.exit(bool(failures))
