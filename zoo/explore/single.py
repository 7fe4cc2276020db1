"""Packs the files of the page so that a browser opens them from a folder, without a server.

A browser reads neither modules nor other files from `file:`. So the modules become one classic
script, and each other file a script that holds it in Base64.
"""

import base64
import re

from zoo.explore.runtime import TERMS

POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval'; connect-src blob:; "
    "style-src 'self'; img-src 'self' data: blob:"
)
ENTRY = "main.js"
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_POLICY = re.compile(rb'(http-equiv="Content-Security-Policy" content=")[^"]*')
_SCRIPT = re.compile(rb'<script type="module"[^>]*></script>')


def packed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Returns the files of a page that needs no server.

    Args:
        files: Dict of bytes by path: the files of the page.

    Example:

    >>> packed({"js/main.js": b"start();"})  # doctest: +SKIP
    """
    read = [name for name in sorted(files) if name.startswith(("runtime/", "models"))]
    scripts = {f"files/{n}.js": _as_script(name, files[name]) for n, name in enumerate(read)}
    scripts["page.js"] = bundled(files)
    tags = "\n".join(f'<script defer src="{name}"></script>' for name in scripts)
    kept = [name for name in files if name.endswith((".css", "models.json", *TERMS))]
    page = _POLICY.sub(rb"\g<1>" + POLICY.encode(), files["index.html"])
    page = _SCRIPT.sub(tags.encode(), page)
    return {name: files[name] for name in kept} | scripts | {"index.html": page}


def bundled(files: dict[str, bytes]) -> bytes:
    """Returns the modules of the page as one classic script, each after those that it imports.

    Args:
        files: Dict of bytes by path.

    Example:

    >>> files = {
    ...     "js/main.js": b'import { one } from "./one.js";\\nshow(one);\\n',
    ...     "js/one.js": b"export const one = 1;\\n",
    ... }
    >>> print(bundled(files).decode())
    "use strict";
    const modules = {};
    modules["one.js"] = (() => {
    const one = 1;
    return { one };
    })();
    modules["main.js"] = (() => {
    const { one } = modules["one.js"];
    show(one);
    return {  };
    })();
    <BLANKLINE>
    """
    parts, seen = [], set()

    def visit(name):
        seen.add(name)
        text = files[f"js/{name}"].decode()
        for _, other in _IMPORT.findall(text):
            if other not in seen:
                visit(other)
        exported = ", ".join(found for _, found in _EXPORT.findall(text))
        body = _EXPORT.sub(r"\1", _IMPORT.sub(r'const \1 = modules["\2"];', text))
        parts.append(f'modules["{name}"] = (() => {{\n{body}return {{ {exported} }};\n}})();\n')

    visit(ENTRY)
    return ('"use strict";\nconst modules = {};\n' + "".join(parts)).encode()


def _as_script(name, value):
    text = base64.b64encode(value).decode()
    return f'(globalThis.embedded ??= {{}})["{name}"] = "{text}";\n'.encode()
