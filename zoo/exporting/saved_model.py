"""The SavedModel: three named signatures, loadable by TensorFlow alone."""

import keras


def write(model, folder) -> None:
    """Writes `encode`, `decode`, `reconstruct` and `serving_default`, which is `reconstruct`."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name in ("encode", "decode", "reconstruct"):
        archive.add_endpoint(name, model.endpoints[name])
    archive.add_endpoint("serving_default", model.endpoints["reconstruct"])
    archive.write_out(str(folder), verbose=False)
