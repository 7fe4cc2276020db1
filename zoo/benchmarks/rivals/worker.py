"""A rival in a process of its own: its threads and its memory are not TensorFlow's."""

import importlib
import multiprocessing
import sys
import time
import traceback


class Worker:
    """Trains on demand; to be used in a `with` statement, which ends its process.

    Args:
        rival: a module beside this one, less `_rival`: its `contender(**facts)` returns a
            function `train(epochs)`. If it cannot be imported, a line on stderr says so.
        facts: what `contender` takes.

    Attributes:
        takes_part: whether the rival is installed.
        version: of the rival's package.
    """

    def __init__(self, rival: str, facts: dict):
        self.rival = rival
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, rival, facts), daemon=True)
        self._process.start()
        other.close()
        self.takes_part, self.version = self._answer()
        if not self.takes_part:
            print(f"left out: {rival}, since {self.version}", file=sys.stderr)

    def train(self, epochs: int) -> float:
        """Seconds that so many epochs took."""
        self._pipe.send(epochs)
        return self._answer()

    def _answer(self):
        try:
            kind, answer = self._pipe.recv()
        except EOFError:
            raise RuntimeError(f"The process of {self.rival} ended on its own.") from None
        if kind == "failed":
            raise RuntimeError(f"{self.rival} failed:\n{answer}")
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._pipe.close()  # ends its wait, and so the process
        self._process.join(10)
        self._process.kill()


def _serve(pipe, rival, facts):
    try:
        try:
            module = importlib.import_module(f"zoo.benchmarks.rivals.{rival}_rival")
        except ImportError as error:
            pipe.send(("done", (False, f"{error}.")))
            return
        train = module.contender(**facts)
        pipe.send(("done", (True, module.VERSION)))
        while True:
            epochs = pipe.recv()
            started = time.perf_counter()
            train(epochs)
            pipe.send(("done", time.perf_counter() - started))
    except (EOFError, KeyboardInterrupt):
        return
    except Exception:  # raised again by the parent, which would else wait for ever
        pipe.send(("failed", traceback.format_exc()))
