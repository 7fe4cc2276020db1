"""The model card of an export, written from its measured metrics."""

from zoo.inputs import kinds
from zoo.storage.manifest import LITERT_FILES, ONNX_FILES

METRICS = (
    ("test_error", "fraction of test rows that are classified wrongly"),
    ("crossentropy", "cross-entropy of the classes, in nats, mean over test rows"),
    (
        "unseen_auroc",
        "area under the ROC curve of normal rows against rows of other data, 0.5 to 1",
    ),
    (
        "shuffled_auroc",
        "area under the ROC curve of normal rows against rows that are put together anew",
    ),
    ("inverted_auroc", "area under the ROC curve of normal images against inverted ones"),
    ("noise_auroc", "area under the ROC curve of normal images against noise"),
    ("false_alarms", "fraction of normal rows that score above the threshold"),
    ("sse", "squared error, summed over the values of a row, mean over test rows"),
    ("mse", "squared error, mean over values; for features in units of their training variances"),
    ("psnr", "peak signal-to-noise ratio, in dB"),
    ("ssim", "structural similarity; 1 means identical"),
    (
        "denoising_gain",
        "gain in PSNR by reconstructing images with noise of deviation 0.4, in dB",
    ),
    ("knn_accuracy", "accuracy of the 5 nearest neighbours in latent codes, 0 to 1"),
    ("probe_accuracy", "accuracy of a linear probe on the latent codes, 0 to 1"),
    (
        "nmi",
        "normalised mutual information of the classes and the clusters of latent codes, 0 to 1",
    ),
    (
        "shift_distance",
        "how far a shift by one pixel moves a latent code; 1 means as far as to another image",
    ),
    (
        "noise_distance",
        "how far noise of deviation 0.1 moves a latent code; 1 means as far as to another image",
    ),
    ("active_units", "latent dimensions with a variance above 0.01"),
    ("dead_units", "latent dimensions that never change"),
    ("sparsity", "Hoyer's sparsity of the latent codes, 0 to 1"),
    ("jacobian_norm", "squared Frobenius norm of the encoder's Jacobian"),
    ("codebook_use", "fraction of the codebook's entries in use"),
)


def text(manifest, notes: str = "") -> str:
    """Returns the model card of a manifest as Markdown.

    Args:
        manifest: `Manifest` of the export.
        notes: String, Markdown. What the card says at its end. Defaults to `""`.

    Returns:
        String.

    Example:

    >>> print(text(manifest))  # doctest: +SKIP
    """
    content = manifest.content
    parts = [
        f"# {content['variant']}",
        content["summary"],
        f"Paper: {content['paper']}.",
        _training(content),
        _metrics(content["metrics"]),
        detection(content),
        _tensors(content),
        _use(content),
        _forms(content),
        _parity(content["parity"]),
        notes.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _training(content):
    arguments = ", ".join(f"{key}={value!r}" for key, value in content["arguments"].items())
    built = f"Built with {arguments}."
    data = content["data"]
    if data is None:
        return f"{built} Exported without a record of its training data and metrics."
    return (
        f"{built} Trained on {data['name']} ({data['train_rows']} training {_rows(content)}, "
        f"licence: {data['licence']}), seed {content['seed']}."
    )


def _rows(content):
    """Returns the word for rows of the data: images, documents or rows."""
    signature = next(iter(content["signatures"].values()))
    kind = kinds.of_tensor(next(iter(signature["inputs"])))
    return kind.rows if kind else "rows"


def _metrics(metrics):
    if metrics is None:
        return ""
    columns = ("", "pca_", "raw_")
    rows = [
        f"| `{key}` | {meaning} | "
        + " | ".join(_formatted(metrics, prefix + key) for prefix in columns)
        + " |"
        for key, meaning in METRICS
        if key in metrics
    ]
    note = f"Measured on {metrics['test_rows']:.0f} test rows"
    if "code_size" in metrics:
        note += f"; a latent code has {metrics['code_size']:.0f} numbers"
    if metrics.get("switch_bits"):
        note += (
            f". The decoder also receives {metrics['switch_bits']:.0f} bits of switches per row, "
            "which PCA does not: their reconstructions are not comparable"
        )
    return "\n".join(
        [
            "| metric | meaning | this model | PCA of equal size | raw inputs |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"{note}.",
        ]
    )


def _formatted(metrics, key):
    return f"{metrics[key]:.4g}" if key in metrics else "–"


def detection(content: dict) -> str:
    """Returns how the threshold of a detector was set, or `""` for other models.

    Args:
        content: Dict. The content of the manifest of an export, or the facts of trained weights.

    Example:

    >>> detection({})
    ''
    """
    if "detection" not in content:
        return ""
    detection = content["detection"]
    kept = ""
    if "known_rows" in detection:
        kept = (
            f" The files hold {detection['known_rows']} training rows, as codes and residuals, "
            "from which the rows can be computed."
        )
    return (
        f"A score above {detection['threshold']:.6g} means an anomaly (score: "
        f"{detection['score']}). This threshold was set on {detection['held_out_rows']} held-out "
        f"normal rows: at most a fraction of {detection['false_alarms']:g} of them scores higher."
        f"{kept}"
    )


def _tensors(content):
    forms = [content["signatures"], content["saved_model_signatures"]]
    heads = ["inputs"]
    if forms[1] in (forms[0], {}):
        del forms[1]
    else:
        heads = ["inputs of the ONNX file", "inputs of the SavedModel"]
    rows = [f"| signature | {' | '.join(heads)} | outputs |", "|---" * (len(heads) + 2) + "|"]
    for name, signature in content["signatures"].items():
        inputs = " | ".join(_listed(form[name]["inputs"]) for form in forms)
        rows.append(f"| `{name}` | {inputs} | {_listed(signature['outputs'])} |")
    if len(forms) > 1:
        rows += [
            "",
            "A `document` holds the weights of a text's words, as `vocabulary.json` defines them.",
        ]
    if content["value_range"]:
        low, high = content["value_range"]
        rows += ["", f"Input values must lie in [{low:g}, {high:g}]."]
    return "\n".join(rows)


def _listed(tensors):
    parts = []
    for name, tensor in tensors.items():
        sizes = ", ".join(["batch", *map(str, tensor["shape"][1:])])
        parts.append(f"`{name}` {tensor['dtype']} ({sizes})")
    return ", ".join(parts)


def _use(content):
    name, signature = next(iter(content["signatures"].items()))
    input_name, output_name = next(iter(signature["inputs"])), next(iter(signature["outputs"]))
    with_tensorflow = _saved_model(content, name, output_name)
    shape = (1, *signature["inputs"][input_name]["shape"][1:])
    if "onnxruntime" not in content["parity"]:
        return f"""{with_tensorflow}With LiteRT:

```python
import numpy as np
from ai_edge_litert.interpreter import Interpreter

x = np.zeros({shape}, "float32")
run = Interpreter("{LITERT_FILES[name]}").get_signature_runner()
{output_name} = run({input_name}=x)["{output_name}"]
```"""
    return f"""{with_tensorflow}With onnxruntime (opset {content["opset"]}):

```python
import numpy as np
import onnxruntime as ort

x = np.zeros({shape}, "float32")
session = ort.InferenceSession("{ONNX_FILES[name]}")
{output_name} = session.run(["{output_name}"], {{"{input_name}": x}})[0]
```"""


def _saved_model(content, name, output_name):
    if not content["saved_model_signatures"]:
        return ""
    served_name, tensor = next(iter(content["saved_model_signatures"][name]["inputs"].items()))
    rows = f"tf.zeros({(1, *tensor['shape'][1:])})"
    if tensor["dtype"] == "string":
        rows = 'tf.constant(["a text"])'
    return f"""With TensorFlow:

```python
import tensorflow as tf

x = {rows}
model = tf.saved_model.load("saved_model")
{output_name} = model.signatures["{name}"]({served_name}=x)["{output_name}"]
```

"""


_UNPOOLING = {
    "native": "ONNX's MaxUnpool",
    "scatter": "a scatter",
    "one-hot": "one-hot products",
}


def _forms(content):
    """Returns how the files were written: for what, and in how many bits."""
    lines = []
    if content.get("target"):
        lines.append(f"Exported for the target {content['target']}.")
    if content.get("unpooling"):
        lines.append(f"The ONNX files unpool by {_UNPOOLING[content['unpooling']]}.")
    reduced = content.get("reduced")
    if reduced:
        lines.append(
            f"The ONNX files compute in {reduced['precision']}, compared here with float32 on "
            f"{reduced['rows']} {reduced['measured_on']}. Speed is for 1 / 64 rows on one thread "
            "of the computer that exported it; below 1 it is slower."
        )
        lines += [
            "",
            "| signature | size | loss / deviation | times as fast |",
            "|---|---|---|---|",
        ]
        for name, facts in reduced["endpoints"].items():
            before, after = facts["bytes"]
            losses = ", ".join(f"`{key}` {value:.2g}" for key, value in facts["loss"].items())
            speed = " / ".join(f"{value:.2g}" for value in facts["speed"].values())
            lines.append(f"| `{name}` | {after / before:.0%} | {losses} | {speed} |")
    return "\n".join(lines)


def _parity(parity):
    worst = {runtime: max(outputs.values()) for runtime, outputs in parity.items()}
    differences = ", ".join(f"{runtime} {value:.1e}" for runtime, value in worst.items())
    return f"Largest difference from the trained model on the test vectors: {differences}."
