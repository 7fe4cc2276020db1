"""Settings that all tests share: a quiet start, seeds, who runs what, and one real dataset."""

import ctypes
import gc
import os
import signal
import sys
import tempfile
from importlib.machinery import PathFinder

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
_cache = tempfile.TemporaryDirectory(prefix="zoo-cache-")  # decoded photos; removed at the end
os.environ["ZOO_CACHE"] = _cache.name
for forced in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
    os.environ.pop(forced, None)  # Typer would take a pipe for a terminal
if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a core; more threads wait for each other
    for threads in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

EACH_ALONE = ("test_notebooks.py", "test_pages.py")  # files whose tests share nothing that is slow


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Gives tests that share models to one worker, so that it makes the models once."""
    from xdist.scheduler import LoadScopeScheduling

    class Shared(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return _scope(nodeid)

    return Shared(config, log)


def _scope(nodeid):
    """Returns the name that tests which share models have in common."""
    file, _, test = nodeid.partition("::")
    if file.endswith(EACH_ALONE):
        return nodeid
    if test.startswith("test_variant["):  # the subject, without the check
        return f"{file}::{test.rpartition('-')[0]}"
    return file


def _seed(module, seed):
    import keras

    keras.utils.set_random_seed(0)
    if hasattr(module, "RNG"):
        module.RNG = np.random.default_rng(seed)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef):
    _seed(sys.modules[fixturedef.func.__module__], 1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    _seed(item.module, 2)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    """Frees what the tests of one scope left, before it is gigabytes."""
    if nextitem is not None and _scope(item.nodeid) == _scope(nextitem.nodeid):
        return
    if "tensorflow" in sys.modules:
        from tensorflow.python.framework import ops

        # TensorFlow keeps each custom gradient, with the graph it was traced in, for ever.
        gradients = ops.gradient_registry._registry
        for name in [name for name in gradients if name.startswith("CustomGradient-")]:
            del gradients[name]
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def pytest_terminal_summary(terminalreporter):
    """Prints what tests `show`; what they print themselves is lost where workers run them."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "shown":
                terminalreporter.write_line(text)


@pytest.fixture
def show(record_property):
    """Returns a function that prints a text below the results of all tests."""
    return lambda text: record_property("shown", text)


@pytest.fixture
def interruptible():
    """Lets processes be interrupted that a test starts: in the background they ignore SIGINT."""
    earlier = signal.signal(signal.SIGINT, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, earlier)


@pytest.fixture
def uninstall(monkeypatch):
    """Returns a function that hides a package from imports, as if it were not installed."""

    def hide(package):
        class Without(PathFinder):
            @classmethod
            def find_spec(cls, name, *rest):
                return None if name == package else super().find_spec(name, *rest)

        finders = [Without if finder is PathFinder else finder for finder in sys.meta_path]
        monkeypatch.setattr(sys, "meta_path", finders)
        for name in [name for name in sys.modules if name.split(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)

    return hide


@pytest.fixture(scope="session")
def digits():
    """The embedded digits."""
    from zoo import datasets

    return datasets.load("mnist_5k")
