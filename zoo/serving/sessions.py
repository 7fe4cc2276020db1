"""onnxruntime sessions of files whose hash is known to be right."""

import onnxruntime

from zoo.manifest import ONNX_FILES


def open_session(data: bytes, providers=("CPUExecutionProvider",)):
    """A session of one ONNX file's bytes."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(data, options, providers=list(providers))


def runner(folder):
    """A function `run(endpoint, feeds)` over the ONNX files of a folder being written."""
    opened = {
        name: open_session((folder / file).read_bytes())
        for name, file in ONNX_FILES.items()
        if (folder / file).exists()
    }

    def run(name, feeds):
        names = [output.name for output in opened[name].get_outputs()]
        given = {each.name: feeds[each.name] for each in opened[name].get_inputs()}
        return dict(zip(names, opened[name].run(names, given), strict=True))

    return run
