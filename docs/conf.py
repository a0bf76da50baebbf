"""How Sphinx builds the site: ``make docs``. What follows from data or code is written first, into ``generated/``."""

import os
import sys
from pathlib import Path

from numba.core import config as numba_config

HERE = Path(__file__).parent
ROOT = HERE.parent
for place in (ROOT / ".editable", HERE):
    sys.path.insert(0, str(place))
# Of a kernel the docstring is wanted, not the machine code: here functions stay Python. The tutorials run in processes
# of their own, which find the package by the environment and compile as users do.
numba_config.DISABLE_JIT = 1
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / ".editable"), os.environ.get("PYTHONPATH", "")])

import parkrisk  # noqa: E402

project = "parkrisk"
author = "the parkrisk authors"
version = release = parkrisk.__version__
language = "en"
smartquotes = False  # two hyphens begin an option

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.mathjax",
    "sphinx_design",
    "pages",
]
exclude_patterns = ["_build", "pages", "checks", "**/.ipynb_checkpoints"]

myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "jupyter_cache")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "show-inheritance": False}
maximum_signature_line_length = 90
# Every page carries the tree of all pages: with each function in it that tree takes most of the time of a build.
toc_object_entries = False
napoleon_google_docstring = False
napoleon_use_rtype = False
# Types in docstrings are short names, and some are those of several classes; which one is meant stands beside them.
suppress_warnings = ["ref.python"]
# Docstrings speak of names of other files as code, not as links.
default_role = "code"

html_theme = "furo"
html_title = "parkrisk"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
# One file with the letters of formulas drawn as paths: no font, no further request.
mathjax_path = "tex-svg-full.js"  # pages/__init__.py puts it there
mathjax3_config = {"options": {"enableMenu": False}, "svg": {"fontCache": "local"}}
