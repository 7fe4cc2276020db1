"""HTTP connections whose requests must begin within a limit of time."""

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n"
)


class ImpatientProtocol(HttpToolsProtocol):
    """Protocol of uvicorn that closes a connection whose headers come too slowly.

    uvicorn itself waits for headers without an end. The body of a request has a limit of its own.

    Args:
        *args: Arguments of `HttpToolsProtocol`.
        seconds: Float. Time that the headers of a request may take to come.
        **kwargs: Arguments of `HttpToolsProtocol`.
    """

    def __init__(self, *args, seconds: float, **kwargs):
        super().__init__(*args, **kwargs)
        self._seconds, self._waiting = seconds, None

    def connection_made(self, transport):
        """Starts the time of the first request."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self):
        """Starts the time of a later request."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self):
        """Ends the time."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc):
        """Ends the time."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self):
        if self._waiting is None:
            self._waiting = self.loop.call_later(self._seconds, self._refuse)

    def _stop(self):
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self):
        if not self.transport.is_closing():
            sentence = f"The headers took longer than {self._seconds:g} seconds."
            body = json.dumps({"error": sentence}).encode()
            self.transport.write(_HEAD % len(body) + body)
            self.transport.close()
