"""Serves the folder of a page to the browser on the same machine."""

import functools
import http.server

HOST = "127.0.0.1"


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Sends files with the types that browsers require of scripts, and logs nothing."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".json": "application/json",
    }

    def log_message(self, *_):
        """Prints no line for each file that the page loads."""

    def list_directory(self, path):
        self.send_error(404)


def server(folder, port: int = 0) -> http.server.ThreadingHTTPServer:
    """Returns a server of a folder, at 127.0.0.1.

    Args:
        folder: String or path.
        port: Integer. Defaults to 0, for a free one, which `server_port` is then.

    Raises:
        OSError: If the port is taken.

    Example:

    >>> with server(".") as found:
    ...     found.server_port > 0
    True
    """
    handler = functools.partial(_Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer((HOST, port), handler)
