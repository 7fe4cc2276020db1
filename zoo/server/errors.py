"""The error of a request that is not answered, with the status that both protocols send."""

import logging

from zoo.errors import UsageError, ZooError

_log = logging.getLogger(__name__)

GRPC_CODES = {  # by HTTP status, the name of the gRPC status
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class RequestError(ZooError):
    """A request is not answered.

    Args:
        message: String. One sentence for the client.
        status: Integer. The HTTP status, a key of `GRPC_CODES`. Defaults to 400.

    Example:

    >>> RequestError("There is no model 'pca'.", 404).status
    404
    """

    def __init__(self, message: str, status: int = 400):
        super().__init__(message)
        self.status = status


def as_request_error(error: Exception) -> RequestError:
    """Returns the error that a client receives for an exception of the server.

    An error in the client's data keeps its message. Any other is logged, and the client learns no
    details of it.

    Args:
        error: Exception.

    Example:

    >>> as_request_error(UsageError("images must be finite numbers.")).status
    400
    >>> str(as_request_error(KeyError("secret")))
    'The server failed to answer.'
    """
    if isinstance(error, RequestError):
        return error
    if isinstance(error, UsageError):
        return RequestError(str(error))
    _log.error("The server failed to answer.", exc_info=error)
    return RequestError("The server failed to answer.", 500)
