"""ONNX files in fewer bits, and what they gain and lose."""

import contextlib
import logging
import statistics
import time
import warnings
from pathlib import Path

import numpy as np

from zoo.errors import CheckFailedError, PrecisionWarning, UsageError, no_such
from zoo.serving import sessions
from zoo.storage import untrusted
from zoo.storage.manifest import ONNX_FILES
from zoo.storage.temporaries import scratch_folder

PRECISIONS = {
    "float32": "as the model computes",
    "float16": "weights and values in 16 bits",
    "int8": "weights in 8 bits, values in 8 bits whose scale is found in each call",
    "int8-static": "weights and values in 8 bits, whose scale is found from calibration rows",
}
ROWS = 1, 64  # in a call whose time is measured
CALLS = 15
SLOWER = 0.95  # of the speed in float32: less is more than the noise of the measurement
SLACK = 2.0  # other processors round otherwise: so many times the difference is accepted later


def require(precision: str, calibration, formats) -> None:
    """Raises an error if files cannot be written in a precision.

    Args:
        precision: String, a key of `PRECISIONS`.
        calibration: Array of rows, or None.
        formats: Sequence of strings. The formats of the export.

    Raises:
        UsageError: If there is no such precision, if it needs ONNX files that are not written, or
            needs rows that are not given, or is given rows that it does not need.

    Example:

    >>> require("float16", None, ("onnx",))
    """
    if precision not in PRECISIONS:
        raise no_such("precision", precision, list(PRECISIONS))
    if precision != "float32" and "onnx" not in formats:
        raise UsageError(
            f"`precision` is that of the ONNX files. Received: {precision} without onnx among the "
            "formats."
        )
    if precision == "int8-static" and calibration is None:
        raise UsageError(
            "int8-static needs `calibration`, rows like those that the model will get. "
            "Received: none."
        )
    if precision == "float32" and calibration is not None:
        raise UsageError("`calibration` belongs to a precision of fewer bits. Received: float32.")


def reduce(folder: Path, precision: str, feeds: dict, model) -> dict:
    """Writes the ONNX files of a folder again in fewer bits, and returns what that changes.

    Args:
        folder: Path of an export that is being written.
        precision: String, a key of `PRECISIONS` other than `"float32"`.
        feeds: Dict of arrays by the names of the model's inputs and outputs: the rows by which
            values are scaled and the loss is measured, and what the model gives for them.
        model: Object with the `signatures` of the files.

    Returns:
        Dict with `precision`, `rows`, and `endpoints`: for each endpoint the `bytes` before and
        after, the `loss` of each output, as a fraction of its deviation, and how many times as fast
        it is for 1 and for 64 rows.

    Raises:
        CheckFailedError: If onnxruntime cannot write or read such a file.

    Example:

    >>> reduce(Path("exported"), "int8", feeds, model)  # doctest: +SKIP
    """
    endpoints = {}
    for name, (inputs, outputs) in model.signatures.items():
        path = folder / ONNX_FILES[name]
        given = {tensor.name: feeds[tensor.name] for tensor in inputs}
        before = path.read_bytes()
        with untrusted.guard(f"{ONNX_FILES[name]} in {precision}", "a file that can be written"):
            after = _reduced(before, precision, given)
            sessions_ = [_session(before), _session(after)]
            results = [dict(zip(_names(s), s.run(None, given), strict=True)) for s in sessions_]
        path.write_bytes(after)
        endpoints[name] = {
            "bytes": [len(before), len(after)],
            "loss": {each.name: _loss(*(r[each.name] for r in results)) for each in outputs},
            "speed": {str(rows): _speed(*sessions_, given, rows) for rows in ROWS},
        }
    rows = len(next(iter(given.values())))
    return {"precision": precision, "rows": rows, "endpoints": endpoints}


def warn(reduced: dict) -> None:
    """Warns in one line if any file in fewer bits is slower than in float32.

    Args:
        reduced: Dict, as `reduce` returns it.

    Example:

    >>> speed = {"1": 0.5, "64": 1.2}
    >>> warn({"precision": "int8", "endpoints": {"encode": {"speed": speed}}})  # doctest: +SKIP
    """
    slower = [
        f"{name} {factor:.2g} times as fast for {rows} row{'s' * (rows != '1')}"
        for name, facts in reduced["endpoints"].items()
        for rows, factor in facts["speed"].items()
        if factor < SLOWER
    ]
    if slower:
        warnings.warn(
            f"In {reduced['precision']} this export is smaller, but not faster than in float32 "
            f"here: {', '.join(slower)}; for speed export it with precision='float32'.",
            PrecisionWarning,
            stacklevel=3,
        )


def limits(reduced: dict | None, parity: dict) -> dict:
    """Returns the differences that are accepted of files in fewer bits, as for `parity.measure`.

    Args:
        reduced: Dict, as `reduce` returns it, or None for float32.
        parity: Dict of the differences at the export, or `{}` at the export itself.

    Example:

    >>> limits(None, {})
    {}
    """
    if reduced is None:
        return {}
    measured = parity.get("onnxruntime")
    if measured is None:
        return dict.fromkeys(("onnxruntime", "openvino"), lambda name: float("inf"))
    return {"onnxruntime": lambda name: SLACK * measured.get(name, 0.0) + 1e-2}


def _reduced(data, precision, feeds):
    """Returns the bytes of an ONNX file in fewer bits."""
    with scratch_folder() as scratch, _quiet():
        source, target = scratch / "float32.onnx", scratch / "reduced.onnx"
        if precision == "float16":
            import onnx
            from onnxruntime.transformers.float16 import convert_float_to_float16

            proto = convert_float_to_float16(onnx.load_from_string(data), keep_io_types=True)
            return proto.SerializeToString()
        from onnxruntime import quantization as q

        source.write_bytes(data)
        prepared = scratch / "prepared.onnx"
        q.quant_pre_process(source, prepared, skip_symbolic_shape=True)
        if precision == "int8":
            q.quantize_dynamic(prepared, target)
        else:
            rows = iter([feeds])

            class Rows(q.CalibrationDataReader):
                def get_next(self):
                    return next(rows, None)

            q.quantize_static(prepared, target, Rows(), activation_type=q.QuantType.QUInt8)
        return target.read_bytes()


def _session(data):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    return sessions.open_session(data, session_options=options)


def _names(session):
    return [output.name for output in session.get_outputs()]


def _loss(before, after):
    """Returns the root of the mean squared difference, relative to the deviation of the values."""
    if before.dtype.kind in "iu":
        return float(np.mean(before != after))
    before, after = before.astype(np.float64), after.astype(np.float64)
    loss = float(np.sqrt(np.mean(np.square(after - before))) / (before.std() or 1.0))
    if not np.isfinite(loss):
        raise CheckFailedError("Values in so few bits overflow: export the model in float32.")
    return loss


def _speed(before, after, feeds, rows):
    """Returns how many times as fast the second session is; both take turns."""
    given = {key: np.resize(value, (rows, *value.shape[1:])) for key, value in feeds.items()}
    ratios = []
    for _ in range(CALLS + 1):  # the first call allocates
        times = []
        for session in (before, after):
            started = time.perf_counter()
            session.run(None, given)
            times.append(time.perf_counter() - started)
        ratios.append(times[0] / times[1])
    return round(statistics.median(ratios[1:]), 3)


@contextlib.contextmanager
def _quiet():
    """Leaves out what the quantiser logs: that the file could be prepared more."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
