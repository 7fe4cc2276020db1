"""The equations in the variants' docstrings, in float64, against the models' codes and losses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, softmax

import zoo
from zoo.layers import JacobianPenalty, VectorQuantizer
from zoo.layers.step import Step, entered

RNG = np.random.default_rng(0)
RTOL = 1e-5


def relu(x):
    return np.maximum(x, 0)


def silu(x):
    return x * expit(x)


def linear(x):
    return x


def nats(x, y):
    """Cross-entropy of each number."""
    return -(x * np.log(y) + (1 - x) * np.log1p(-y))


def squares(x, y):
    return np.square(x - y)


def weights(model, name):
    """A layer's kernel and biases in float64."""
    return [np.float64(weight) for weight in model.get_layer(name).trainable_weights]


def stack(model, x, hidden, code, output, levels, tied=False):
    """Returns the code and the reconstruction of dense layers."""
    for level in range(1, levels + 1):
        kernel, bias = weights(model, f"encoder_{level}")[:2]
        x = (hidden if level < levels else code)(x @ kernel + bias)
    return x, unstack(model, x, hidden, output, levels, tied)


def unstack(model, x, hidden, output, levels, tied=False):
    for level in range(levels, 0, -1):
        if tied:
            kernel, _, bias = weights(model, f"encoder_{level}")
            kernel = kernel.T
        else:
            kernel, bias = weights(model, f"decoder_{level}")
        x = (hidden if level > 1 else output)(x @ kernel + bias)
    return x


def plain(hidden, code, output, levels, loss, **options):
    """An auto-encoder of dense layers whose loss is that of the reconstruction."""

    def equations(model, x):
        z, y = stack(model, x, hidden, code, output, levels, **options)
        return z, y, loss(x, y).mean(axis=0).sum()

    return equations


def mean_nats(x, y):
    return nats(x, y) / x.shape[1]


def mean_squares(x, y):
    return squares(x, y) / x.shape[1]


def pca(model, x):
    kernel, mean = weights(model, "pca")
    z = (x - mean) @ kernel
    y = z @ kernel.T + mean
    return z, y, squares(x, y).mean()


def sparse(code, penalty):
    def equations(model, x):
        z, y = stack(model, x, None, code, expit, 1)
        return z, y, squares(x, y).sum(axis=1).mean() + 0.1 * penalty(z)

    return equations


def divergence_from_target(z, rho=0.05):
    rate = z.mean(axis=0)
    return np.sum(rho * np.log(rho / rate) + (1 - rho) * np.log((1 - rho) / (1 - rate)))


def absolute_values(z):
    return np.abs(z).sum(axis=1).mean()


def contractive(model, x):
    z, y = stack(model, x, None, expit, expit, 1)
    kernel, _ = weights(model, "encoder_1")
    jacobian = (z * (1 - z))[:, None] * kernel  # (rows, numbers, code)
    return z, y, nats(x, y).sum(axis=1).mean() + 0.1 * np.square(jacobian).sum() / len(x)


def k_sparse(model, x):
    kernel, b, c = weights(model, "encoder_1")
    a = x @ kernel + b
    z = np.where(a >= np.sort(a, axis=1)[:, [-3]], a, 0)
    y = z @ kernel.T + c
    return z, y, squares(x, y).mean()


def document(model, x):
    z, q = stack(model, x / np.linalg.norm(x, axis=1)[:, None], relu, linear, softmax_of_rows, 2)
    return z, q, document_loss(x, q)


def document_loss(x, q):
    p = x / x.sum(axis=1, keepdims=True)
    return np.mean(-np.sqrt((x > 0).sum(axis=1)) * (p * np.log(q)).sum(axis=1))


def softmax_of_rows(x):
    return softmax(x, axis=1)


def hashing(model, x):
    a, _ = stack(model, x / np.linalg.norm(x, axis=1)[:, None], relu, linear, softmax_of_rows, 2)
    q = unstack(model, np.float64(a > 0), relu, softmax_of_rows, 2)
    return a > 0, q, document_loss(x, q)


def vae(model, x):
    """The loss is that without noise."""
    kernel, bias = weights(model, "encoder_1")
    h = relu(x @ kernel + bias)
    (of_mean, mean_bias), (of_log, log_bias) = (
        weights(model, f"latent_{name}") for name in ("mean", "log_variance")
    )
    mean, log_variance = h @ of_mean + mean_bias, h @ of_log + log_bias
    first = next(layer for layer in model.layers if layer.input is model.get_layer("latent").output)
    kernel, bias = weights(model, first.name)
    y = unstack(model, relu(mean @ kernel + bias), relu, expit, 1)
    divergence = (np.square(mean) + np.exp(log_variance) - 1 - log_variance).sum(axis=1)
    return mean, y, np.mean(nats(x, y).sum(axis=1) + 4.0 / 2 * divergence)


def rbm(model, x):
    """In `evaluate` the units of the chain are means."""
    kernel, b, c = weights(model, "boltzmann")
    z = expit(x @ kernel + b)
    y = expit(z @ kernel.T + c)

    def free_energy(v):
        return -v @ c - np.log1p(np.exp(v @ kernel + b)).sum(axis=1)

    decay = 0.5 * 2e-4 * np.square(kernel).sum()
    return z, y, np.mean(free_energy(x) - free_energy(y)) + decay


DENSE = [
    ("linear_ae", {}, plain(None, linear, linear, 1, mean_squares)),
    ("linear_ae", {"tied": True}, plain(None, linear, linear, 1, mean_squares, tied=True)),
    ("pca", {}, pca),
    ("logistic_pca", {}, plain(None, linear, expit, 1, nats)),
    ("shallow_ae", {}, plain(None, relu, expit, 1, mean_nats)),
    ("deep_ae", {}, plain(silu, linear, expit, 3, mean_nats)),
    ("neighbour_ae", {}, plain(silu, linear, expit, 3, mean_nats)),  # rows without partners
    ("dbn", {"tied": True}, plain(expit, linear, expit, 3, mean_nats, tied=True)),
    ("stacked_ae", {}, plain(relu, relu, expit, 2, mean_nats)),
    ("denoising_ae", {}, plain(relu, linear, expit, 2, mean_nats)),  # the loss without noise
    ("sparse_ae", {}, sparse(expit, divergence_from_target)),
    ("sparse_ae", {"penalty": "l1"}, sparse(relu, absolute_values)),
    ("contractive_ae", {}, contractive),
    ("k_sparse_ae", {}, k_sparse),
    ("winner_take_all_ae", {}, plain(None, relu, linear, 1, mean_squares)),
    ("document_ae", {}, document),
    ("semantic_hashing", {}, hashing),
    ("vae", {"beta": 4.0}, vae),
    ("rbm", {}, rbm),
]  # fmt: skip


def randomised(name, **arguments):
    model = zoo.build(name, **zoo.entry(name).tiny | arguments)
    for weight in model.trainable_weights:
        weight.assign(RNG.normal(0, 0.2, weight.shape))
    model.run_eagerly = True
    return model


def loss_of(model, x):
    figures = model.evaluate(x, batch_size=len(x), verbose=0, return_dict=True)
    return figures.get("loss_without_noise", figures["loss"])


@pytest.mark.parametrize(("name", "arguments", "equations"), DENSE)
def test_dense_variants_are_their_equations(name, arguments, equations):
    model = randomised(name, **arguments)
    x = RNG.random((7, *model.input_shape[1:])).astype("float32")
    z, y, loss = equations(model, np.float64(x.reshape(7, -1)))
    np.testing.assert_allclose(model.encode(x), z, RTOL, 1e-6)
    np.testing.assert_allclose(model.reconstruct(x).reshape(7, -1), y, RTOL, 1e-6)
    assert loss_of(model, x) == pytest.approx(loss, rel=RTOL)


def test_a_unit_of_winner_take_all_learns_from_its_largest_activations():
    model, x = randomised("winner_take_all_ae"), RNG.random((7, 8, 8, 1)).astype("float32")
    flat = np.float64(x.reshape(7, -1))
    a, _ = stack(model, flat, None, relu, linear, 1)
    z = np.where(a >= np.sort(a, axis=0)[-2], a, 0)  # 0.2 of 7 rows, rounded up
    loss = squares(flat, unstack(model, z, None, linear, 1)).mean()
    assert model.training_loss(x) == pytest.approx(loss, rel=RTOL)


# Sequences --------------------------------------------------------------------------------------


def states(model, name, x):
    """Returns the states of an LSTM at each step, `(rows, steps, units)`."""
    kernel, recurrent, bias = weights(model, name)
    h = c = np.zeros((len(x), len(recurrent)))
    found = []
    for step in range(x.shape[1]):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = expit(f) * c + expit(i) * np.tanh(g)
        h = expit(o) * np.tanh(c)
        found.append(h)
    return np.stack(found, axis=1)


def with_components(model):
    """Returns components and mean of the PCA of a model, drawn at random."""
    pca = model.get_layer("pca")
    for weight in (pca.kernel, pca.mean):
        weight.assign(RNG.normal(0, 0.3, weight.shape))
    return np.float64(pca.kernel), np.float64(pca.mean)


def code_of(model, x, features, components, mean):
    """Returns the code: that of the PCA, and what the features add."""
    (u, a), (w, b) = weights(model, "features"), weights(model, "code")
    return (x.reshape(len(x), -1) - mean) @ components + (features @ u + a) @ w + b


def test_lstm_ae_is_its_equations():
    model, x = randomised("lstm_ae"), RNG.normal(size=(3, 9, 2)).astype("float32")
    components, mean = with_components(model)
    v, c = weights(model, "decoded")
    z = code_of(model, x, states(model, "encoder", np.float64(x))[:, -1], components, mean)
    linear = (z @ components.T + mean).reshape(x.shape)
    y = linear + states(model, "decoder", linear) @ v + c
    np.testing.assert_allclose(model.encode(x), z, RTOL, 1e-5)
    np.testing.assert_allclose(model.reconstruct(x), y, RTOL, 1e-5)
    assert loss_of(model, x) == pytest.approx(squares(x, y).mean(), rel=RTOL)


def apart(x, kernel, distance):
    """Returns the sums over a step and those at a distance before and after it."""
    padded = np.pad(x, ((0, 0), (distance, distance), (0, 0)))
    steps = x.shape[1]
    return sum(padded[:, n * distance : n * distance + steps] @ kernel[n] for n in range(3))


def test_tcn_ae_is_its_equations():
    model, x = randomised("tcn_ae"), RNG.normal(size=(3, 17, 2)).astype("float32")
    layers = [each for each in model.layers if isinstance(each, keras.layers.Conv1D)]
    names = sorted((each.name for each in layers), key=lambda name: (len(name), name))
    names.remove("decoded")  # the others are numbered in the order of their creation
    convolutions = iter([weights(model, name) for name in names])

    def block(h, distance):
        (k_1, b_1), (k_2, b_2) = next(convolutions), next(convolutions)
        added = relu(apart(relu(apart(h, k_1, distance) + b_1), k_2, distance) + b_2)
        if h.shape[-1] != added.shape[-1]:
            kernel, bias = next(convolutions)
            h = h @ kernel[0] + bias
        return relu(h + added)

    components, mean = with_components(model)
    h = block(block(np.float64(x), 1), 2)[:, :16].reshape(3, 4, 4, 6).mean(axis=2).reshape(3, -1)
    z = code_of(model, x, h, components, mean)
    linear = (z @ components.T + mean).reshape(x.shape)
    last, bias = weights(model, "decoded")
    y = linear + block(block(linear, 2), 1) @ last[0] + bias
    np.testing.assert_allclose(model.encode(x), z, RTOL, 1e-5)
    np.testing.assert_allclose(model.reconstruct(x), y, RTOL, 1e-5)


# Convolutions -----------------------------------------------------------------------------------


def convolved(x, kernel):
    """Returns the sums over 3 × 3 windows of a map with a border of zeros."""
    _, height, width, _ = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return sum(
        padded[:, row : row + height, column : column + width] @ kernel[row, column]
        for row, column in np.ndindex(3, 3)
    )


def windows(x):
    """Returns the windows of 2 × 2: `(rows, height / 2, 2, width / 2, 2, channels)`."""
    rows, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(rows, height // 2, 2, width // 2, 2, channels)


def kernels(model, rank):
    """The kernels of a rank, and all biases, in the order of the layers."""
    found = [np.float64(weight) for weight in model.trainable_weights]
    return [w for w in found if w.ndim == rank], [w for w in found if w.ndim == 1]


def test_conv_ae_is_its_equations():
    model, x = randomised("conv_ae"), RNG.random((3, 16, 16, 1)).astype("float32")
    (k_1, k_2, v_2, v_1), (b_1, b_2, b, c, c_2, c_1) = kernels(model, 4)
    (w, v), _ = kernels(model, 2)
    h = np.float64(x)
    for kernel, bias in ((k_1, b_1), (k_2, b_2)):
        h = relu(windows(convolved(h, kernel)).max(axis=(2, 4)) + bias)
    z = h.reshape(3, -1) @ w + b
    g = relu(z @ v + c).reshape(h.shape)
    for kernel, bias, activation in ((v_2, c_2, relu), (v_1, c_1, expit)):
        # A deconvolution is a convolution with the reversed kernel.
        reversed_kernel = kernel[::-1, ::-1].swapaxes(2, 3)
        g = activation(convolved(g.repeat(2, 1).repeat(2, 2), reversed_kernel) + bias)
    np.testing.assert_allclose(model.encode(x), z, RTOL, 1e-5)
    np.testing.assert_allclose(model.reconstruct(x), g, RTOL, 1e-6)
    assert loss_of(model, x) == pytest.approx(squares(x, g).mean(), rel=RTOL)


def test_the_residual_units_of_resnet_ae_are_their_equation():
    model, x = randomised("resnet_ae"), RNG.random((3, 9, 8, 1)).astype("float32")
    k, biases = kernels(model, 4)
    (w, _), _ = kernels(model, 2)
    h = np.float64(x)
    for level in (0, 3):  # one convolution and one residual unit in each level
        h = convolved(h, k[level]) + biases[level]
        inner = convolved(relu(h), k[level + 1]) + biases[level + 1]
        h = h + convolved(relu(inner), k[level + 2]) + biases[level + 2]
        h = windows(h).mean(axis=(2, 4))
    np.testing.assert_allclose(model.encode(x), relu(h).reshape(3, -1) @ w + biases[6], 1e-5, 1e-5)
    y = np.float64(model.reconstruct(x))
    assert loss_of(model, x) == pytest.approx(nats(x, y).mean(), rel=RTOL)


def test_the_loss_of_vq_vae_is_its_equation():
    model, x = randomised("vq_vae"), RNG.random((3, 8, 8, 1)).astype("float32")
    a = keras.Model(model.inputs[0], model.get_layer("code").output).predict(x, verbose=0)
    codebook = np.float64(model.get_layer("commitment").codebook)
    z = codebook[np.square(a[..., None, :] - codebook).sum(axis=-1).argmin(axis=-1)]
    np.testing.assert_allclose(model.encode(x), z, RTOL)
    y = np.float64(model.decode(model.encode(x)))
    loss = nats(x, y).mean() + 0.25 * np.square(a - z).mean()
    assert loss_of(model, x) == pytest.approx(loss, rel=RTOL)


# Gradients --------------------------------------------------------------------------------------


def slopes(function, weight, step=1e-6):
    """Returns the derivative of a function by each number of a weight, by central differences."""
    found = np.zeros_like(weight)
    for index in np.ndindex(weight.shape):
        moved = np.zeros_like(weight)
        moved[index] = step
        found[index] = (function(weight + moved) - function(weight - moved)) / (2 * step)
    return found


@pytest.mark.parametrize("deep", [False, True])
def test_the_gradient_of_the_contraction_is_that_of_the_jacobian(deep):
    inputs = keras.Input((4,))
    x = zoo.fused.Dense(5, "tanh", name="before")(inputs) if deep else inputs
    encoder = keras.Model(inputs, zoo.fused.Dense(3, "sigmoid", name="hidden")(x))
    layer = JacobianPenalty(None if deep else "hidden", seed=0)
    rows = RNG.normal(size=(6, 4)).astype("float32")
    of_model = [np.float64(weight) for weight in encoder.trainable_weights]
    probe = np.eye(3)  # the norm of the Jacobian itself, for each row
    if deep:
        seed = tf.cast(keras.random.SeedGenerator(0).next() % (2**31 - 2), tf.int32)
        probe = np.float64(tf.random.stateless_normal((6, 3), seed))[:, :, None]  # one v for a row

    def norm(values):
        h, jacobian = np.float64(rows), np.eye(4)
        if deep:
            h = np.tanh(h @ values[0] + values[1])
            jacobian = values[0] * (1 - h**2)[:, None]  # (rows, numbers, units)
        z = expit(h @ values[-2] + values[-1])
        jacobian = (jacobian @ values[-2]) * (z * (1 - z))[:, None]
        return np.square(jacobian @ probe).sum() / len(rows)

    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(layer.term([encoder, rows, True]))
    gradients = tape.gradient(loss, [weight.value for weight in encoder.trainable_weights])
    assert float(loss) == pytest.approx(norm(of_model), rel=RTOL)
    for number, gradient in enumerate(gradients):

        def moved(value, number=number):
            return norm([*of_model[:number], value, *of_model[number + 1 :]])

        np.testing.assert_allclose(gradient, slopes(moved, of_model[number]), 1e-4, 1e-6)


@pytest.mark.parametrize("trainable", [True, False])
def test_the_gradient_of_quantisation_is_straight_through_and_the_commitment(trainable):
    layer = VectorQuantizer(6, weight=0.5)
    x = tf.constant(RNG.normal(size=(3, 2, 4)).astype("float32"))
    layer.build(x.shape)
    layer.trainable = trainable  # a frozen layer only keeps its codebook
    before = np.asarray(layer.codebook)
    upstream = RNG.normal(size=x.shape).astype("float32")
    with tf.GradientTape() as tape, entered(Step(x, training=True)) as step:
        tape.watch(x)
        vectors, indices = layer(x, training=True)
        loss = tf.reduce_sum(upstream * vectors) + step.loss()
    nearest = before[np.asarray(indices)]
    np.testing.assert_allclose(vectors, nearest, 1e-5, 1e-6)
    expected = upstream + 0.5 * 2 * (np.asarray(x) - nearest) / np.size(x)
    np.testing.assert_allclose(tape.gradient(loss, x), expected, RTOL, 1e-6)
    assert np.array_equal(before, layer.codebook) != trainable
