# %% [markdown]
# # 8. Export and serving
#
# A trained model becomes a SavedModel and ONNX files with named tensors, proven equal to it; who
# serves them needs no `zoo`.

# %%
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

import zoo

keras.utils.set_random_seed(0)
folder = Path(tempfile.mkdtemp()) / "conv_ae"
data = zoo.datasets.load("mnist_5k")
x = data.test.images

# %%
model = zoo.build("conv_ae", filters=(8, 16), latent_dim=16)
model.fit(data.train.images, epochs=3, verbose=0)
bundle = zoo.export(model, folder)
print(sorted(path.name for path in folder.iterdir()))

# %% [markdown]
# Hashes, then test vectors in both runtimes.

# %%
report = zoo.verify(folder)
print(report)

# %% [markdown]
# onnxruntime and numpy alone.

# %%
bundle = zoo.load(folder)
difference = float(np.abs(bundle.reconstruct(x) - model.reconstruct(x)).max())

# %% [markdown]
# And a process that has only TensorFlow.

# %%
code = f"""
import sys, tensorflow as tf
served = tf.saved_model.load({str(folder / "saved_model")!r}).signatures["encode"]
print(served(image=tf.zeros((2, 28, 28, 1)))["latent"].shape, "zoo" in sys.modules)
"""
told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
print(told.stdout)

# %%
print(difference)
assert told.stdout == "(2, 16) False\n"
assert difference < 1e-5
