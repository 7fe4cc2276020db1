"""Reads the body of an HTTP request within limits of size and time, and decompresses it."""

import asyncio
import zlib

from starlette.requests import ClientDisconnect

from zoo.server.errors import RequestError

WINDOWS = {"gzip": 31, "deflate": 15}  # by encoding, zlib's number of bits with its header


async def read(request, headers: dict[str, str], most_bytes: int, seconds: float) -> bytes:
    """Returns the body of a request, decompressed.

    Args:
        request: `starlette.requests.Request`.
        headers: Dict of its headers, whose names are in lower case.
        most_bytes: Integer. The largest number of bytes, before and after decompression.
        seconds: Float. The longest time that the body may take to arrive.

    Raises:
        RequestError: If the body is larger, slower or damaged, or has an unknown encoding.
    """
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", *WINDOWS):
        raise RequestError(
            f"Content-Encoding must be {', '.join(WINDOWS)} or identity. Received: {encoding}."
        )
    if int(headers.get("content-length") or 0) > most_bytes:
        raise too_large(most_bytes)
    try:
        async with asyncio.timeout(seconds):
            body = await _arrived(request, most_bytes)
    except ClientDisconnect:  # no one reads the answer, which is still counted
        raise RequestError("The client left before its request had come.") from None
    except TimeoutError:
        raise RequestError(f"The request took longer than {seconds:g} seconds.", 408) from None
    return body if encoding == "identity" else decompressed(body, encoding, most_bytes)


async def _arrived(request, most_bytes):
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > most_bytes:
            raise too_large(most_bytes)
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def decompressed(body: bytes, encoding: str, most_bytes: int) -> bytes:
    """Returns a body decompressed, of which no more than a limit is ever held.

    Args:
        body: Bytes.
        encoding: String. `"gzip"` or `"deflate"`.
        most_bytes: Integer. The largest number of bytes of the result.

    Raises:
        RequestError: If the result is larger, or the body is damaged.

    Example:

    >>> decompressed(zlib.compress(b"rows"), "deflate", most_bytes=100)
    b'rows'
    """
    stream = zlib.decompressobj(WINDOWS[encoding])
    try:
        result = stream.decompress(body, most_bytes + 1)
    except zlib.error:
        raise RequestError(f"The body must be {encoding}. Received: other bytes.") from None
    if len(result) > most_bytes:
        raise too_large(most_bytes)
    if not stream.eof or stream.unused_data:
        raise RequestError(f"The body must be one whole {encoding} stream. Received: others.")
    return result


def too_large(most_bytes: int) -> RequestError:
    """Returns the error for a request that is too large.

    Args:
        most_bytes: Integer. The largest number of bytes that is accepted.

    Example:

    >>> too_large(10).status
    413
    """
    return RequestError(f"A request may have at most {most_bytes} bytes.", 413)


def compressed(body: bytes, accepted: str) -> tuple[bytes, dict[str, str]]:
    """Returns the body of an answer as the client accepts it, and the headers that say so.

    Args:
        body: Bytes.
        accepted: String. The header `Accept-Encoding` of the request.

    Example:

    >>> compressed(b"rows", "")
    (b'rows', {})
    """
    names = {part.partition(";")[0].strip() for part in accepted.lower().split(",")}
    encoding = next((name for name in WINDOWS if name in names), None)
    if encoding is None or len(body) < 1024:  # the headers would outweigh the gain
        return body, {}
    stream = zlib.compressobj(level=1, wbits=WINDOWS[encoding])
    return stream.compress(body) + stream.flush(), {"content-encoding": encoding}
