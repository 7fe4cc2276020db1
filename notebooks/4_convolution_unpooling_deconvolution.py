# %% [markdown]
# # 4. Convolution, unpooling, deconvolution
#
# This lesson undoes a pooling in two ways, and counts what the better one has to remember.

# %% [markdown]
# ## The question
#
# Max pooling keeps the largest value of each 2 × 2 window. It forgets the other three values, and
# it forgets where in the window the largest one stood. A convolutional encoder pools after each
# convolution, until little more than the shape of the digit is left. The decoder has to go the
# other way: from small maps to large ones, from one value to four. How does a decoder undo pooling?

# %% [markdown]
# ## The idea
#
# The decoder mirrors the encoder. For each pooling it has an *unpooling*, which makes the map twice
# as wide and twice as high, and for each convolution a *deconvolution*.
#
# There are two ways to unpool. If the decoder knows nothing but the value, the fairest guess is to
# write it into all four cells: it *fills* the window. But the encoder did see where the maximum
# stood. It can pass that position on, as an offset from 0 to 3 within the window. The offset is
# called a *switch*. With it the decoder puts the value back in its place, and writes zeros into the
# other three cells.
#
# In the drawing, the switches are the lines that pass by the latent code on the right.

# %%
import zlib

import keras
import numpy as np

import zoo

keras.utils.set_random_seed(0)
data = zoo.datasets.load("mnist_5k")  # 4,000 training digits and 1,000 test digits
model = zoo.build("conv_ae", filters=(8, 16), latent_dim=32, unpooling="argmax")
zoo.plots.architecture(model)

# %% [markdown]
# ## The smallest code
#
# A map of 4 × 4 numbers has four windows. Pooling returns four values and four switches:
# 0 is the upper left cell of a window, 1 the upper right, 2 the lower left, 3 the lower right.

# %%
values = np.array([[1, 5, 2, 0], [3, 4, 8, 6], [0, 1, 9, 2], [7, 2, 3, 1]], "float32")
pooled, switches = zoo.layers.ArgmaxPooling2D(2)(values.reshape(1, 4, 4, 1))
remembered = zoo.layers.Unpooling2D(2, mode="argmax")(pooled, switches)
filled = zoo.layers.Unpooling2D(2, mode="fill")(pooled)
shown = {"values": values, "pooled": pooled, "switches": switches}
shown |= {"unpooled with switches": remembered, "unpooled by filling": filled}
for name, numbers in shown.items():
    rows = np.squeeze(numbers).astype(int)
    print(name, *(" ".join(map(str, row)) for row in rows), sep="\n    ")

# %% [markdown]
# Deconvolution is the other half. A convolution lets a window slide over the map and takes a sum of
# products at each place, so the map becomes smaller at the border. A deconvolution has to become
# larger. (In our network the borders are padded or cut, so both layers keep the size.) It is a
# convolution too, in four steps: take the input, pad it with zeros, one less than the kernel's size
# on each side, reverse the kernel, and convolve. *Convolve* means here, as in Keras, multiply and
# add without reversing.

# %%
image = np.array([[1, 2, 3], [4, 5, 6]], "float32")
kernel = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], "float32")
zoo.plots.deconvolution(image, kernel)

# %% [markdown]
# Why reversed? Think of it the other way round: each input value stamps a copy of the kernel,
# multiplied by itself, onto the output, and overlapping stamps add up. The first output cell is
# reached by the upper left corner of one stamp only, 1 · 1. In the four steps, the first window
# meets the input only in its lower right cell. The product there must be 1 · 1, so the kernel's
# *first* number must stand there.
#
# Keras's `Conv2DTranspose` should return the same numbers.

# %%
layer = keras.layers.Conv2DTranspose(1, 3, use_bias=False)
layer.build((None, 2, 3, 1))
layer.kernel.assign(kernel.reshape(3, 3, 1, 1))
expected = np.squeeze(layer(image.reshape(1, 2, 3, 1)))

padded = np.pad(image, 2)
reversed_kernel = kernel[::-1, ::-1]
output = np.array(
    [[np.sum(padded[i : i + 3, j : j + 3] * reversed_kernel) for j in range(5)] for i in range(4)]
)
difference = np.abs(output - expected).max()
print(output.astype(int))
print(f"largest difference from Conv2DTranspose: {difference}")

# %% [markdown]
# ## The picture
#
# Three auto-encoders, trained alike on 4,000 digits. Two of them have 32 numbers for a code: one
# unpools with switches, the other by filling. That comparison is not fair, because the switches
# reach the decoder too. So the third one fills, but its code is longer by as many bits as the
# switches take. The errors are squared differences, summed over the pixels of a test digit.

# %%
model_of = {"argmax": model}
switch_bits = int(model.switch_bits)
same_size = 32 + switch_bits // 32  # a float32 number takes 32 bits
print(f"switches: {switch_bits:,} bits; code: {32 * 32:,} bits; together: {same_size} numbers")
for name, numbers in {"fill": 32, "long": same_size}.items():
    model_of[name] = zoo.build("conv_ae", filters=(8, 16), latent_dim=numbers)
digits, error, rows = data.test.images, {}, {"test digit": data.test.images[:10]}
labels = {
    "argmax": "32 numbers\nand switches",
    "fill": "32 numbers",
    "long": f"{same_size} numbers",
}
for name, network in model_of.items():
    history = network.fit(data.train.images, epochs=5, verbose=0)
    made = network.reconstruct(digits)
    error[name] = zoo.evaluation.metrics.sse(digits, made)
    rows[f"{labels[name]}\nerror {error[name]:.1f}"] = made[:10]
zoo.plots.reconstructions(rows)

# %% [markdown]
# With switches the error is less than half of that of filling with the same 32 numbers. Switches
# win even against the long code, which takes exactly as much room. After five epochs the long code
# is not at its best: PCA with 80 numbers reaches 6.0 (lesson 1, exercise 2). The switches are ahead
# of that too.

# %% [markdown]
# ## What to notice
#
# **The strokes are sharp with switches, but the ground gets faint speckles.** Filling makes blocks
# of 2 × 2 equal cells, and the deconvolution can only smooth them. The switches say, to the pixel,
# on which side of a window the stroke passed.
#
# **But the switches are far from free.** There are 14 · 14 · 8 + 7 · 7 · 16 = 2,352 of them, at two
# bits each, more than four times the bits of the code. The digit itself has 784 pixels of 8 bits.
# Most of both is black ground, so let a lossless packer, zlib, take out what repeats.


# %%
def packed_bits(arrays):
    return np.mean([8 * len(zlib.compress(array.tobytes(), 9)) for array in arrays])


code, offsets = model.encode(digits, switches=True)
flat = np.concatenate([each.reshape(len(digits), -1) for each in offsets], axis=1)
quarters = flat.reshape(len(digits), -1, 4)  # four switches of two bits fit into a byte
switch_bytes = np.sum(quarters << [0, 2, 4, 6], axis=-1).astype(np.uint8)
pixel_bytes = np.round(255 * digits).astype(np.uint8)
print(f"switches: {switch_bits:,} bits, packed {packed_bits(switch_bytes):,.0f}")
print(f"digit: {784 * 8:,} bits, packed {packed_bits(pixel_bytes):,.0f}")

# %% [markdown]
# Even packed, the switches of a digit take about twice as many bits as the digit itself without any
# loss. An auto-encoder that remembers its switches does not compress. Where all those bits come
# from can be seen on one digit: every window of every channel remembers a position, on the black
# ground too, where the maximum of equal values means nothing (faint dots, dark brown on black). Of
# the eight channels these are the three whose switches vary most.

# %%
zoo.plots.switches(digits[0], offsets[0][0], pool_size=2)

# %% [markdown]
# ## What goes wrong
#
# With switches the code is no longer the whole description of a digit. The decoder cannot start
# without them, so there is nothing to decode when a code is sampled, or lies between two others.

# %%
try:
    model.decode(code[:1])
except zoo.errors.UsageError as error_of_the_call:
    print(error_of_the_call)

# %% [markdown]
# Which of the two carries the digit? Take the code of one digit and the switches of another. And
# take one code for all digits, the mean of the training codes, so that nothing but the switches is
# left.

# %%
others = np.roll(np.arange(len(digits)), 1)
mixed = model.decode(code[others], offsets)
to_switches = zoo.evaluation.metrics.sse(digits, mixed)
to_code = zoo.evaluation.metrics.sse(digits[others], mixed)
mean_code = model.encode(data.train.images, switches=True)[0].mean(axis=0, keepdims=True)
alone = model.decode(np.repeat(mean_code, len(digits), axis=0), offsets)
print(f"error to the digit of the switches {to_switches:.1f}, of the code {to_code:.1f}")
print(f"error with switches alone {zoo.evaluation.metrics.sse(digits, alone):.1f}")
zoo.plots.reconstructions(
    {
        "the code\nof this digit": digits[others][:10],
        "the switches\nof this one": digits[:10],
        "decoded": mixed[:10],
    }
)

# %% [markdown]
# The result is nearer to the digit of the switches (24.9) than to that of the code (73.1), but
# several digits are hard to read. With one code for all digits the error is 12.5, a quarter worse
# than the 9.9 of filling: most of the digit travelled through the switches, past the latent code.
# So this code is of little use for search, sampling and interpolation. That is why `conv_ae` fills
# by default. Switches are right where the input is at hand anyway, as in segmentation: the image
# goes in, and out comes a map that says for each of its pixels what it belongs to.

# %% [markdown]
# ## Exercises
#
# 1. `Conv2DTranspose(1, 3, strides=2)` is often used in place of unpooling. Show that it equals an
#    unpooling whose switches are all 0, followed by the deconvolution above.
#
# <details>
# <summary>Answer</summary>
#
# ```python
# x = image.reshape(1, 2, 3, 1)
# corners = zoo.layers.Unpooling2D(2, mode="argmax")(x, np.zeros(x.shape, "int32"))
# strided = keras.layers.Conv2DTranspose(1, 3, strides=2, use_bias=False)
# strided.build(x.shape)
# strided.kernel.assign(layer.kernel)
# print(np.abs(layer(corners)[:, :-1, :-1] - strided(x)).max())  # 0.0
# ```
#
# Stride 2 puts each value into the upper left cell of a window, with zeros in the other three. The
# unpooled map has one more row and column of zeros at its end, so the last row and column of the
# result are cut off.
#
# </details>
#
# 2. How many bits do the switches take if the first pooling has windows of 4 × 4 in place of 2 × 2?
#    Is one pooling of 4 × 4 cheaper to undo than two of 2 × 2 with the same eight channels?
#
# <details>
# <summary>Answer</summary>
#
# A switch of a 4 × 4 window has 16 values, which is 4 bits, but there are only a quarter as many
# windows: 7 · 7 · 8 · 4 = 1,568 bits in place of 14 · 14 · 8 · 2 = 3,136. Two poolings of 2 × 2
# with eight channels need 3,136 + 7 · 7 · 8 · 2 = 3,920 bits, 2.5 times as many. They
# also remember more: the maximum of every small window, not only of the large one.
#
# </details>

# %% [markdown]
# ## References
#
# - Zeiler, M., Krishnan, D., Taylor, G. and Fergus, R. (2010). *Deconvolutional networks*. CVPR.
# - Masci, J., Meier, U., Cireşan, D. and Schmidhuber, J. (2011). *Stacked convolutional
#   auto-encoders for hierarchical feature extraction*. ICANN.
# - Noh, H., Hong, S. and Han, B. (2015). *Learning deconvolution network for semantic
#   segmentation*. ICCV.

# %% [markdown]
# ## Conclusion
#
# A decoder undoes pooling by filling each window with its value, or by putting the value back where
# a switch remembers it. The squared error per test digit is **3.8** with switches and **9.9** by
# filling. The price is **4,704** bits of switches beside the **1,024** bits of the code. A filling
# decoder whose code has all those bits reaches **7.4**.

# %%
for name, value in error.items():
    print(f"{name:6} {value:.1f}")
assert difference < 1e-5
assert error["argmax"] < 0.8 * min(error["long"], error["fill"])
