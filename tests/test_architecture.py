"""The drawing of a model: its steps, shapes and links are those of the Keras graph."""

import keras
import pytest
from matplotlib.patches import Rectangle

import zoo
from zoo import plots
from zoo.errors import UsageError
from zoo.plots.architecture import COLOURS, links, steps

MODELS = {
    "plain": (
        ("deep_ae", {"widths": (20,), "latent_dim": 3}),
        ["784 encoder", "20 encoder", "3 latent", "20 decoder", "784 decoder"],
        {},
    ),
    "tied": (
        ("deep_ae", {"widths": (20,), "latent_dim": 3, "tied": True}),
        ["784 encoder", "20 encoder", "3 latent", "20 decoder", "784 decoder"],
        {(2, 3): "tied", (1, 4): "tied"},
    ),
    "two parameters of a code": (
        ("vae", {"widths": (20,), "latent_dim": 2}),
        ["784 encoder", "20 encoder", "2 encoder", "2 encoder", "2 latent", "20 decoder",
         "784 decoder"],
        {(1, 3): ""},
    ),
    "switches": (
        ("conv_ae", {"filters": (3,), "latent_dim": 4, "unpooling": "argmax"}),
        ["784 encoder", "2352 encoder", "588 encoder", "4 latent", "588 decoder", "2352 decoder",
         "784 decoder"],
        {(2, 5): "switches"},
    ),
    "texts": (
        ("document_ae", {"input_shape": (50,), "widths": (9,), "latent_dim": 2}),
        ["50 encoder", "9 encoder", "2 latent", "9 decoder", "50 decoder"],
        {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_steps_and_links_are_those_of_the_graph(name):
    (variant, arguments), expected, expected_links = MODELS[name]
    model = zoo.build(variant, **arguments)
    found = steps(model)
    sizes = [f"{keras.ops.prod(step.shape)} {step.part}" for step in found]
    assert sizes == expected
    assert links(model, found) == expected_links
    assert found[0].name.startswith("input: ")
    assert found[-1].name.endswith(": reconstruction")
    assert [step.name.endswith("latent code") for step in found].count(True) == 1


def test_names_say_kernel_and_activation():
    found = steps(zoo.build("conv_ae", filters=(3,), latent_dim=4, unpooling="argmax"))
    assert [step.name for step in found] == [
        "input: image",
        "Conv2D 3 × 3",
        "ArgmaxPooling2D 2 × 2, relu",
        "Dense: latent code",
        "Dense, relu",
        "Unpooling2D 2 × 2",
        "Conv2DTranspose 3 × 3, sigmoid: reconstruction",
    ]


@pytest.mark.parametrize("name", zoo.names())
def test_every_variant_is_drawn_with_its_shapes_and_without_overlap(name):
    model = zoo.build(name)
    figure = plots.architecture(model)
    ax = figure.axes[0]
    figure.canvas.draw()
    texts = [text.get_text() for text in ax.texts]
    found = steps(model)
    for step in found:
        assert " × ".join(f"{size:,}" for size in step.shape) in texts
        assert step.name in [text.replace("\n", " ") for text in texts]
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)][: len(found)]
    assert sum(bar.get_facecolor() == _rgba(COLOURS["latent"]) for bar in bars) == 1
    for text in ax.texts:
        box = text.get_window_extent()
        inside = ax.get_window_extent().padded(2)
        assert inside.contains(*box.min)
        assert inside.contains(*box.max), text
        others = [other.get_window_extent() for other in ax.texts if other is not text]
        assert not any(box.overlaps(other) for other in others), text
        assert not any(box.overlaps(bar.get_window_extent()) for bar in bars), text


def _rgba(colour):
    from matplotlib.colors import to_rgba

    return to_rgba(colour)


@pytest.mark.parametrize("wrong", ["vae", None, keras.Sequential([keras.Input((3,))])])
def test_only_auto_encoders_are_drawn(wrong):
    message = f"`model` must be an AutoEncoder. Received: {type(wrong).__name__}"
    with pytest.raises(UsageError, match=message):
        plots.architecture(wrong)
