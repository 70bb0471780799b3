# SPDX-License-Identifier: MIT
"""Builds the documentation as one site, offline, and checks that its links lead somewhere. Arguments: the root of the
project, the folder of the site; the folder of the Python package is on PYTHONPATH. setup.sh --site installs what this
needs."""
import html.parser
import os
import pathlib
import subprocess
import sys
import urllib.parse

import memdyn

root, site = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ["PYTHONPATH"].split(os.pathsep)))
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a debugger of ipykernel warns of its own start


class Page(html.parser.HTMLParser):
    """The links of a page, and the places in it that links may name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], {""}
        self.feed(path.read_text(encoding="utf-8", errors="replace"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(given[key] for key in ("id", "name") if given.get(key))
        self.links += [given[key] for key in ("href", "src") if given.get(key)]


def dead_links(folder):
    """Links within the site that lead nowhere. Those to other sites are not followed, and places within the pages of
    Doxygen are its own business: it links to some that it leaves out."""
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            target = urllib.parse.urlsplit(link)
            if target.scheme or target.netloc:
                continue
            to = (path.parent / urllib.parse.unquote(target.path)).resolve() if target.path else path
            anchor = urllib.parse.unquote(target.fragment)
            if not to.exists():
                yield f"{path.relative_to(folder)}: {link} does not exist"
            elif to in pages and anchor not in pages[to].anchors and folder / "cpp" not in to.parents:
                yield f"{path.relative_to(folder)}: {link}: no such place in that page"


described = (root / "apps/site/python.rst").read_text()
missing = [name for name in memdyn.__all__ if f":: {name}\n" not in described]
if missing:
    sys.exit(f"apps/site/python.rst: does not describe {', '.join(missing)}")
site.mkdir(parents=True, exist_ok=True)
# headers alone: Sphinx has the pages
own = f'OUTPUT_DIRECTORY = "{site}"\nHTML_OUTPUT = cpp\nFILE_PATTERNS = *.hpp\nUSE_MDFILE_AS_MAINPAGE =\n'
settings = (root / "Doxyfile").read_text() + own
subprocess.run(["doxygen", "-"], cwd=root, input=settings, text=True, check=True)
subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", root / "apps/site",
                "-d", site.parent / f"{site.name}.doctrees", root, site], check=True)  # fmt: skip
dead = list(dead_links(site))
print(f"{site / 'README.html'}: {len(list(site.rglob('*.html')))} pages")
sys.exit("\n".join(dead) or 0)
