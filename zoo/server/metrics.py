"""The server's figures in the form that Prometheus reads."""

import prometheus_client


class Metrics:
    """Counts requests, and measures their time and the sizes of the batches.

    Attributes:
        content_type: String. The media type of `text()`.

    Example:

    >>> metrics = Metrics()
    >>> metrics.request("pca", "http", 200, seconds=0.01)
    >>> 'zoo_requests_total{model="pca",protocol="http",status="200"} 1.0' in metrics.text()
    True
    """

    content_type = prometheus_client.CONTENT_TYPE_LATEST

    def __init__(self):
        self._registry = prometheus_client.CollectorRegistry()
        self._requests = prometheus_client.Counter(
            "zoo_requests", "Requests answered.", ["model", "protocol", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = prometheus_client.Histogram(
            "zoo_request_seconds", "Seconds from a request to its answer.", ["model", "protocol"],
            registry=self._registry,
        )  # fmt: skip
        self._children = {}  # by the labels of a request, since finding them takes a while
        self._rows = prometheus_client.Histogram(
            "zoo_batch_rows", "Rows of a batch that was computed.", ["model"],
            buckets=[2**power for power in range(11)], registry=self._registry,
        )  # fmt: skip

    def request(self, model: str, protocol: str, status: int, seconds: float) -> None:
        """Counts a request that was answered.

        Args:
            model: String. Name of the model, `""` for one that there is not.
            protocol: String. `"http"` or `"grpc"`.
            status: Integer. The HTTP status of the answer, or the one that stands for it.
            seconds: Float. The time that the answer took.
        """
        key = model, protocol, status
        if key not in self._children:
            self._children[key] = self._requests.labels(*key), self._seconds.labels(model, protocol)
        count, times = self._children[key]
        count.inc()
        times.observe(seconds)

    def batches(self, model: str):
        """Returns a function that counts a batch by its number of rows.

        Args:
            model: String. Name of the model.
        """
        return self._rows.labels(model).observe

    def text(self) -> str:
        """Returns all figures in Prometheus's text format."""
        return prometheus_client.generate_latest(self._registry).decode()
