# SPDX-License-Identifier: MIT
# The documentation as one site: the pages and the notebooks where they are, and the reference of the Python package.
# build.py runs Sphinx with this file and the root of the project as the source.
import re

import memdyn

project = "Memdyn"
author = "The Memdyn developers"
release = version = memdyn.__version__

root_doc = "README"
include_patterns = ["*.md", "apps/**/*.md", "apps/site/*.rst", "data/**/*.md", "data/notebooks/*.ipynb",
                    "include/**/*.md", "tests/**/*.md"]  # fmt: skip
extensions = ["myst_parser", "nbsphinx", "numpydoc", "sphinx.ext.autodoc"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page may begin below the first level
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the sections of the docstrings have the types
numpydoc_show_class_members = False
nbsphinx_execute = "always"
nbsphinx_timeout = 60
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "sidebar_width": "240px"}
html_show_sphinx = False
html_copy_source = False

_CONTENTS = {
    "Tutorial": ("data/scenarios/TUTORIAL", "data/notebooks/1_first_loop", "data/notebooks/2_two_sources",
                 "data/notebooks/3_an_update", "data/notebooks/4_monte_carlo", "data/notebooks/5_a_rule",
                 "data/notebooks/6_the_paper"),
    "Reference": ("data/scenarios/README", "data/scenarios/rules/README", "data/devices/README",
                  "include/memdyn/record/README", "apps/python/README", "apps/site/python"),
    "Library": ("include/memdyn/README", "include/memdyn/EXAMPLES", "include/memdyn/learn/README", "apps/site/cpp"),
    "Project": ("tests/benchmarks/README", "CONTRIBUTING", "CHANGELOG"),
}  # fmt: skip


def _adapt(app, page, source):
    """A site has no folders to link to, and its first page has the table of contents, which on its own it does not need."""
    source[0] = re.sub(r"\[([^\]]+)\]\([^)#:]*/\)", r"\1", source[0])
    if page == root_doc:
        for caption, pages in _CONTENTS.items():
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n" + "\n".join(pages) + "\n```\n"


def setup(app):
    app.connect("source-read", _adapt)
