"""Answers the requests of both protocols: finds the model, checks the inputs, and batches."""

import asyncio
import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

import zoo
from zoo.errors import no_such
from zoo.server import metrics, tensors
from zoo.server.batcher import Batcher
from zoo.server.endpoint import PLATFORM
from zoo.server.errors import RequestError, as_request_error
from zoo.server.repository import Repository

UNSUPPORTED = ("shared_memory_region", "classification")  # parameters of the protocol's extensions


@dataclasses.dataclass(frozen=True)
class Limits:
    """The work that a server does at a time, and the largest request that it accepts.

    Attributes:
        max_batch: Integer. The largest number of rows of a batch. Defaults to 64.
        max_delay: Float. Seconds that a request waits for others to join its batch. Defaults to 0.
        threads: Integer. Number of batches that are computed at a time. Defaults to 1.
        max_rows: Integer. The largest number of rows of a request. Defaults to 4,096.
        max_bytes: Integer. The largest size of a request, after decompression. Defaults to 64 MiB.
        seconds: Float. The longest time that a request may take to arrive, and to be answered.
            Defaults to 30.
    """

    max_batch: int = 64
    max_delay: float = 0.0
    threads: int = 1
    max_rows: int = 4096
    max_bytes: int = 64 << 20
    seconds: float = 30.0


class Input(NamedTuple):
    """An input of a request.

    Attributes:
        name: String.
        datatype: String.
        shape: List of integers.
        read: Function of a `Tensor` and a checked shape that returns the array.
        parameters: The names of its parameters.
    """

    name: str
    datatype: str
    shape: list[int]
    read: Callable
    parameters: tuple[str, ...] = ()


class Answer(NamedTuple):
    """The answer to a request.

    Attributes:
        name: String. Name of the model.
        version: String. The version that answered.
        outputs: List of pairs of a `Tensor` and its array.
    """

    name: str
    version: str
    outputs: list[tuple[tensors.Tensor, np.ndarray]]


class Service:
    """The models of a repository behind one batcher each.

    Args:
        repository: `Repository`, refreshed once.
        limits: `Limits`.

    Attributes:
        ready: Boolean. Whether requests are welcome; False while the server ends.
        metrics: `Metrics`.
        limits: `Limits`.
    """

    def __init__(self, repository: Repository, limits: Limits):
        self.limits, self.ready = limits, True
        self.metrics = metrics.Metrics()
        self._repository = repository
        self._executor = ThreadPoolExecutor(limits.threads, "zoo-model")
        self._checks = ThreadPoolExecutor(1, "zoo-texts")
        self._slots = asyncio.Semaphore(limits.threads)
        self._batchers, self._closing = {}, set()
        self._renew()

    def names(self) -> list[str]:
        """Returns the names of the models that are served."""
        return list(self._batchers)

    def server_facts(self) -> dict:
        """Returns the name, the version and the extensions of the server."""
        return {
            "name": "autoencoder-zoo",
            "version": zoo.__version__,
            "extensions": ["binary_tensor_data"],
        }

    def facts(self, name: str, version: str = "") -> dict:
        """Returns the protocol's metadata of a model.

        Args:
            name: String.
            version: String. Defaults to `""`, the newest.

        Raises:
            RequestError: If there is no such model or version.
        """
        endpoint = self._find(name, version)[1].endpoint
        return {
            "name": name,
            "versions": list(self._batchers[name]),
            "platform": PLATFORM,
            "inputs": [_described(tensor) for tensor in endpoint.inputs],
            "outputs": [_described(tensor) for tensor in endpoint.outputs],
        }

    async def infer(self, name: str, version: str, inputs: list[Input], outputs=None) -> Answer:
        """Returns the answer to a request.

        Args:
            name: String. Name of the model.
            version: String, `""` for the newest.
            inputs: List of `Input`.
            outputs: List of strings, the names of the outputs that are wanted. Defaults to None,
                for all.

        Raises:
            RequestError: If the request cannot be answered.
        """
        version, batcher = self._find(name, version)
        endpoint = batcher.endpoint
        try:
            wanted = _wanted(endpoint.outputs, outputs)
            arrays = self._read(endpoint, inputs)
            if endpoint.takes_texts:  # splitting texts into words takes a while
                loop = asyncio.get_running_loop()
                checked = await loop.run_in_executor(self._checks, endpoint.checked, arrays)
            else:
                checked = endpoint.checked(arrays)
            async with asyncio.timeout(self.limits.seconds):
                values = await batcher.answer(checked)
        except TimeoutError:
            raise RequestError(
                f"The model took longer than {self.limits.seconds:g} seconds.", 504
            ) from None
        except Exception as error:  # of any kind, so that the client always has an answer
            raise as_request_error(error) from error
        pairs = zip(endpoint.outputs, values, strict=True)
        return Answer(name, version, [pair for pair in pairs if pair[0].name in wanted])

    async def refresh(self) -> bool:
        """Opens new versions of the models, and returns whether anything changed."""
        changed = await asyncio.get_running_loop().run_in_executor(
            self._checks, self._repository.refresh
        )
        if changed:
            self._renew()
        return changed

    async def close(self) -> None:
        """Answers what was accepted, and ends."""
        for batcher in [one for found in self._batchers.values() for one in found.values()]:
            await batcher.close()
        for task in list(self._closing):
            await task
        self._executor.shutdown()
        self._checks.shutdown()

    def _renew(self):
        """Makes a batcher for each new endpoint; the batchers of old ones answer what waits."""
        kept = {
            batcher.endpoint: batcher
            for found in self._batchers.values()
            for batcher in found.values()
        }
        self._batchers = {
            name: {
                version: kept.pop(endpoint, None) or self._batcher(name, endpoint)
                for version, endpoint in found.items()
            }
            for name, found in self._repository.models.items()
        }
        for batcher in kept.values():
            task = asyncio.create_task(batcher.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _batcher(self, name, endpoint):
        return Batcher(
            endpoint,
            self._executor,
            self._slots,
            self.limits.max_batch,
            self.limits.max_delay,
            most_waiting=4 * self.limits.max_rows,
            observe=self.metrics.batches(name),
        )

    def _find(self, name, version):
        if name not in self._batchers:
            raise RequestError(str(no_such("model", name, self.names())), 404)
        found = self._batchers[name]
        if not version:
            version = next(reversed(found))
        if version not in found:
            raise RequestError(
                f"Model {name!r} has no version {version!r}; there are {', '.join(found)}.", 404
            )
        return version, found[version]

    def _read(self, endpoint, inputs):
        expected = {tensor.name: tensor for tensor in endpoint.inputs}
        arrays = {}
        for given in inputs:
            if given.name not in expected:
                raise RequestError(
                    f"There is no input {given.name!r}; the model takes {', '.join(expected)}."
                )
            if given.name in arrays:
                raise RequestError(f"Input {given.name!r} stands twice in the request.")
            tensor = expected[given.name]
            _refuse_unsupported(given.name, given.parameters)
            if given.datatype != tensor.datatype:
                raise RequestError(
                    f"Input {given.name!r} must be of datatype {tensor.datatype}. "
                    f"Received: {given.datatype}."
                )
            shape = tensors.require_shape(tensor, given.shape, self.limits.max_rows)
            arrays[given.name] = given.read(tensor, shape)
        missing = [name for name in expected if name not in arrays]
        if missing:
            raise RequestError(f"The request must have the input {', '.join(missing)}.")
        return arrays


def _wanted(tensors_, names):
    known = [tensor.name for tensor in tensors_]
    for name in names or ():
        if name not in known:
            raise RequestError(f"There is no output {name!r}; the model has {', '.join(known)}.")
    return set(names or known)


def _refuse_unsupported(name, parameters):
    for parameter in UNSUPPORTED:
        if parameter in parameters:
            raise RequestError(f"{name!r} has the parameter {parameter!r}, which is not supported.")


def _described(tensor):
    return {"name": tensor.name, "datatype": tensor.datatype, "shape": list(tensor.shape)}
