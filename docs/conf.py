"""Settings of the documentation site, which `sphinx-build -W docs docs/_build/html` makes."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")  # models are only drawn here

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS / "_extensions")]  # the checkout, not what is installed

import repository  # noqa: E402, because it is found by the path above

project = "Autoencoder Zoo"
author = copyright = "The Autoencoder Zoo developers"
version = release = repository.PROJECT["version"]

extensions = [
    *("sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"),
    *("myst_nb", "sphinx_design"),
    # Our own, in `_extensions`, one idea a file.
    *(
        "mathml",
        "docstrings",
        "repository",
        "sections",
        "lessons",
        "variant_pages",
        "api_pages",
        "llms",
    ),
]
exclude_patterns = ["_build", "_extensions", "_static"]
exclude_patterns += [name for _, name, _ in repository.GUIDES]  # which guides/ has

nb_execution_mode = "off"
nb_ipywidgets_js = {}  # it would load scripts from another host
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4

autodoc_typehints = "none"  # the docstrings say the types
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_custom_sections = [(name, "params_style") for name in ("Call arguments", "Attributes")]
add_module_names = False
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

WIDE = ("results", "performance")  # pages of wide tables, without other columns
html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "github_url": repository.URL,
    "logo": {"text": project},
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"**": ["page-toc"]} | {page: [] for page in WIDE},
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {page: [] for page in ("index", *WIDE)}

# Only for the maintainers' `sphinx-build -b linkcheck`.
linkcheck_timeout = 20
linkcheck_anchors = False
