"""Joins the requests of one model that wait at the same time into batches."""

import asyncio
import collections
from concurrent.futures import Executor

import numpy as np

from zoo.server.endpoint import Endpoint
from zoo.server.errors import RequestError


class Batcher:
    """Computes requests in batches: what waits while the runtime is busy is computed together.

    Rows of a request that was cancelled are left out. If a batch fails, its requests are computed
    one by one, so that none fails for another's rows.

    Args:
        endpoint: `Endpoint`.
        executor: `Executor` whose threads compute.
        slots: `asyncio.Semaphore` of as many batches as are computed at a time.
        most_rows: Integer. The largest number of rows of a batch; a larger request is a batch of
            its own, and is computed in pieces.
        delay: Float. Seconds that the first request waits for others to join it.
        most_waiting: Integer. The largest number of rows that wait; further requests are refused.
        observe: Function of an integer, called with the number of rows of each batch.
    """

    def __init__(
        self, endpoint: Endpoint, executor: Executor, slots, most_rows, delay, most_waiting, observe
    ):
        self.endpoint = endpoint
        self._executor, self._slots, self._observe = executor, slots, observe
        self._most_rows, self._delay, self._most_waiting = most_rows, delay, most_waiting
        self._waiting = collections.deque()
        self._rows = 0
        self._arrived = asyncio.Event()
        self._running = set()
        self._loop = asyncio.create_task(self._serve())

    async def answer(self, tensors: list[np.ndarray]) -> list[np.ndarray]:
        """Returns the outputs for the checked tensors of one request.

        Args:
            tensors: List of arrays with the same number of rows.

        Raises:
            RequestError: If too many rows wait.
        """
        rows = len(tensors[0])
        if self._waiting and self._rows + rows > self._most_waiting:
            raise RequestError(
                f"The model is busy: {self._rows} rows wait already. Try again later.", 503
            )
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((tensors, future))
        self._rows += rows
        self._arrived.set()
        return await future

    async def close(self) -> None:
        """Waits for the requests that were accepted, and ends."""
        while self._waiting or self._running:
            await asyncio.sleep(0.01)
        self._loop.cancel()

    async def _serve(self):
        while True:
            await self._arrived.wait()
            if self._delay and self._rows < self._most_rows:
                await asyncio.sleep(self._delay)
            await self._slots.acquire()
            batch = self._take()
            if not self._waiting:
                self._arrived.clear()
            if not batch:
                self._slots.release()
                continue
            task = asyncio.create_task(self._compute(batch))
            self._running.add(task)
            task.add_done_callback(self._done)

    def _done(self, task):
        self._running.discard(task)
        self._slots.release()

    def _take(self):
        """Returns the requests of the next batch, without those that were cancelled."""
        batch, rows = [], 0
        while self._waiting:
            tensors, future = self._waiting[0]
            if batch and not future.cancelled() and rows + len(tensors[0]) > self._most_rows:
                break
            self._waiting.popleft()
            self._rows -= len(tensors[0])
            if not future.cancelled():
                batch.append((tensors, future))
                rows += len(tensors[0])
        return batch

    async def _compute(self, batch):
        columns = zip(*(tensors for tensors, _ in batch), strict=True)
        joined = [parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in columns]
        self._observe(len(joined[0]))
        run = asyncio.get_running_loop().run_in_executor
        try:
            outputs = await run(self._executor, self.endpoint.run, joined, self._most_rows)
        except Exception as error:  # the runtime raises its own kinds of errors
            if len(batch) > 1:
                for request in batch:
                    await self._compute([request])
                return
            _set(batch[0][1], error=error)
            return
        start = 0
        for tensors, future in batch:
            rows = slice(start, start := start + len(tensors[0]))
            _set(future, [output[rows] for output in outputs])


def _set(future, result=None, error=None):
    if future.done():  # cancelled meanwhile
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
