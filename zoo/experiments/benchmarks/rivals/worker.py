"""A rival in a process of its own, so that it shares neither threads nor memory with TensorFlow."""

import importlib
import multiprocessing
import sys
import time
import traceback

LIMIT = 300  # seconds that a rival may take for one answer


class Worker:
    """Process that trains a rival on demand; a `with` statement ends it.

    Args:
        rival: String. Name of a module, which begins with a dot if it lies beside this one. Its
            `contender(**facts)` returns a function `train(epochs)`. If it cannot be imported, a
            message on stderr says so.
        facts: Dict. The arguments of `contender`.
        name: String. The name in messages. Defaults to None, for `rival`.

    Attributes:
        takes_part: Boolean. Whether the rival is installed.
        version: String. The version of the rival's package, or the reason why it does not take
            part.

    Raises:
        RuntimeError: If the rival fails, its process ends, or it gives no answer within five
            minutes.

    Example:

    >>> with Worker(".torch_rival", facts) as worker:  # doctest: +SKIP
    ...     worker.train(epochs=1)
    """

    def __init__(self, rival: str, facts: dict, name: str | None = None):
        self.name = name or rival
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, rival, facts), daemon=True)
        self._process.start()
        other.close()
        self.takes_part, self.version = self._answer()
        if not self.takes_part:
            print(f"left out: {self.name}. {self.version}", file=sys.stderr)

    def train(self, epochs: int) -> float:
        """Returns the seconds that training takes.

        Args:
            epochs: Integer. Number of epochs.

        Returns:
            A float.

        Raises:
            RuntimeError: If the rival fails, its process ends, or it gives no answer within five
                minutes.
        """
        self._pipe.send(epochs)
        return self._answer()

    def _answer(self):
        if not self._pipe.poll(LIMIT):
            self._process.kill()
            raise RuntimeError(f"{self.name} gave no answer within {LIMIT} seconds.")
        try:
            kind, answer = self._pipe.recv()
        except EOFError:
            raise RuntimeError(f"The process of {self.name} ended on its own.") from None
        if kind == "failed":
            raise RuntimeError(f"{self.name} failed:\n{answer}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._pipe.close()  # the process stops waiting, and ends
        self._process.join(10)
        self._process.kill()


def _serve(pipe, rival, facts):
    try:
        try:
            module = importlib.import_module(rival, __package__)
        except ImportError as error:
            pipe.send(("done", (False, f"{error}.")))
            return
        if "tensorflow" in sys.modules:
            raise RuntimeError("The process of a rival must not load TensorFlow, but it did.")
        train = module.contender(**facts)
        pipe.send(("done", (True, module.VERSION)))
        while True:
            epochs = pipe.recv()
            started = time.perf_counter()
            train(epochs)
            pipe.send(("done", time.perf_counter() - started))
    except (EOFError, KeyboardInterrupt):
        return
    except Exception:  # raised again by the parent, which would otherwise wait forever
        pipe.send(("failed", traceback.format_exc()))
