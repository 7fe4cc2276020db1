# %% [markdown]
# # 12. Photos, from a folder to a server
#
# This lesson goes all the way from a folder of photo files to a server that answers a client, and
# measures what the client gets back.

# %% [markdown]
# ## The question
#
# A folder holds photo files of many sizes. A model learns them, is exported, and is served. Far
# away is a client: a short program that has one photo file and an address, and neither the model
# nor the code that made it. Between the file and the answer lie a decoder of JPEG, a crop, a change
# of size, a division, a network and a runtime. Does the client get the answer that the trained
# model gives to someone who has both at hand? And if it does not, who notices?

# %% [markdown]
# ## The idea
#
# A model computes numbers from numbers. What is served is the model: it takes 32 × 32 × 3 numbers
# from 0 to 1. Everything before that is *preparation*, and whoever sends the request has to do it:
#
# 1. decode the file to bytes of red, green and blue;
# 2. cut out the largest centred square, since photos have many shapes and the model has one;
# 3. bring it to 32 × 32 pixels;
# 4. divide the bytes by 255.
#
# When the model learned, `zoo.datasets.load` did these steps. The server cannot do them: it does
# not know what the client's photo was. It can only check what it gets.
#
# The photos here are parts of five photos that scikit-image carries in its package, all CC0: brick,
# a cat, coffee, grass and gravel. Each part becomes a JPEG file of its own size, 60 in each of five
# folders.

# %% tags=["skip-execution"]
# %pip install -q scikit-image 'uvicorn>=0.34' httptools starlette orjson grpcio prometheus-client

# %%
import logging
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import requests
import skimage
from PIL import Image, ImageOps

import zoo

logging.getLogger("tensorflow").setLevel(logging.ERROR)  # no words on files here
random = np.random.default_rng(0)
for name in ("brick", "chelsea", "coffee", "grass", "gravel"):
    photo = Image.open(Path(skimage.__file__).parent / "data" / f"{name}.png").convert("RGB")
    Path("photos", name).mkdir(parents=True, exist_ok=True)
    for number in range(60):
        width, height = random.integers(60, 240, 2).tolist()
        left = int(random.integers(photo.width - width + 1))
        top = int(random.integers(photo.height - height + 1))
        part = photo.crop((left, top, left + width, top + height))
        part.save(f"photos/{name}/{number:02}.jpg", quality=92)

data = zoo.datasets.load("photos", image_size=32)
print(data)
keras.utils.set_random_seed(0)
model = zoo.build("conv_ae", input_shape=(32, 32, 3), filters=(16, 32), latent_dim=48)
zoo.plots.architecture(model)

# %% [markdown]
# ## The smallest code
#
# Train, export, and start the server. It is a process of its own, which imports no TensorFlow; here
# it takes any port that is free and says which.

# %%
model.fit(data.train.images, epochs=25, verbose=0)
error = zoo.evaluation.metrics.mse(data.test.images, model.reconstruct(data.test.images))
print(f"squared error per number, test photos: {error:.4f}")
zoo.export(model, "exports/photos", overwrite=True)

command = [sys.executable, "-m", "zoo", "serve", "exports/photos"]
server = subprocess.Popen(
    [*command, "--http-port", "0", "--grpc-port", "0"], stdout=subprocess.PIPE, text=True
)
address = server.stdout.readline().split()[1]
print(requests.get(f"{address}/v2/models/photos", timeout=10).json()["inputs"])


# %% [markdown]
# And the client, which has Pillow, NumPy and `requests`. `prepared` takes the four steps; `draft`
# lets the decoder of JPEG make a large photo smaller at once, as the loader of the folder did. The
# five lines of `reconstructed` speak the Open Inference Protocol, so that they would ask other
# servers too.


# %%
def prepared(path):
    photo = Image.open(path)
    photo.draft("RGB", (64, 64))  # decode at a half, a quarter ... if that is at least this size
    photo = ImageOps.fit(photo, (32, 32), Image.Resampling.LANCZOS)
    return np.asarray(photo, np.float32) / 255


def reconstructed(pixels):
    data = pixels.reshape(-1).tolist()
    image = {"name": "image", "datatype": "FP32", "shape": [1, 32, 32, 3], "data": data}
    answer = requests.post(f"{address}/v2/models/photos/infer", json={"inputs": [image]})
    output = answer.json()["outputs"][0]
    return np.reshape(output["data"], (32, 32, 3))


# %% [markdown]
# ## The picture
#
# Ten photo files as the client sent them, and what it got back. Below is the same as the model of
# this notebook computes it, with the photos as the folder was loaded, and the difference of the
# two, made a million times larger: grey stands for none.

# %%
rows = zoo.datasets.rows(data.name)  # all photos of the folder, prepared as those of the training
shown = range(0, 300, 30)
paths = [f"photos/{name}" for name in rows.names]
answers = np.stack([reconstructed(prepared(path)) for path in paths])
own = model.reconstruct(rows.inputs)
zoo.plots.reconstructions(
    {
        "photo file": rows.inputs[shown],
        "from the server": answers[shown],
        "from the model": own[shown],
        "difference\n× 1,000,000": (0.5 + 1e6 * (answers - own)[shown]).clip(0, 1),
    }
)

# %% [markdown]
# ## What to notice
#
# The last row is grey nearly everywhere: what comes back over the network is what the model
# computes. The rest of the difference is rounding, in another runtime (lesson 8). Nothing was lost
# by sending numbers as text, since a float32 survives being printed with enough digits.
#
# The second row is no copy of the first. A code of 48 numbers for 3,072 keeps the colour and the
# large shapes of a cat or a cup, and of brick, grass and gravel little more than a mean. That is
# the model's doing, and the server repeats it faithfully: a server does not make a model better.
#
# Look at the sizes, too. The file is smaller than the numbers, and JSON is five times as large as
# they are. Clients that send much use the protocol's binary form, or gRPC; both are in the
# documentation of the server.

# %%
largest = np.abs(answers - own).max()
print(f"300 photos, {answers.size:,} numbers: the largest difference is {largest:.7f}")
files = np.mean([Path(path).stat().st_size for path in paths])
as_json = len(str(rows.inputs[0].reshape(-1).tolist()))
print(f"a photo: {files:,.0f} bytes as a file, {rows.inputs[0].nbytes:,} as numbers, "
      f"{as_json:,} as JSON")  # fmt: skip

# %% [markdown]
# ## What goes wrong
#
# Three clients that are almost right. The first forgets to divide by 255. The second makes a square
# of the photo by `resize`, which squeezes it, instead of cutting a square out. The third leaves out
# `draft`, which looks like a matter of speed.


# %%
def ask(pixels, model):
    data = pixels.astype(np.float32).reshape(-1).tolist()
    image = {"name": "image", "datatype": "FP32", "shape": [len(pixels), 32, 32, 3], "data": data}
    return requests.post(f"{address}/v2/models/{model}/infer", json={"inputs": [image]})


def codes(pixels):
    output = ask(pixels, "photos.encode").json()["outputs"][0]
    return np.reshape(output["data"], output["shape"])


def squeezed(path):
    return np.asarray(Image.open(path).resize((32, 32), Image.Resampling.LANCZOS)) / 255


def undrafted(path):
    return np.asarray(ImageOps.fit(Image.open(path), (32, 32), Image.Resampling.LANCZOS)) / 255


answer = ask(255 * rows.inputs[:1], "photos")
print("not divided:", answer.status_code, answer.json()["error"])

right = codes(rows.inputs)
apart = np.linalg.norm(right[:, None] - right[None], axis=-1)
np.fill_diagonal(apart, np.inf)
wrong = {}
for client in (squeezed, undrafted):
    wrong[client] = np.stack([client(path) for path in paths]).astype(np.float32)
    answer = ask(wrong[client], "photos")
    difference = np.reshape(answer.json()["outputs"][0]["data"], own.shape) - own
    moved = np.linalg.norm(codes(wrong[client]) - right, axis=1)
    nearer = np.mean(moved > apart.min(axis=1))
    print(
        f"{client.__name__}: {answer.status_code}, differs by {np.abs(difference).max():.2f};",
        end=" ",
    )
    print(f"for {nearer:.0%} of the photos the code of another one is nearer to the right code")

chosen = np.argsort(np.abs(wrong[squeezed] - rows.inputs).mean(axis=(1, 2, 3)))[-10:]
zoo.plots.reconstructions(
    {
        "cut out": rows.inputs[chosen],
        "answer": answers[chosen],
        "squeezed": wrong[squeezed][chosen],
        "answer ": model.reconstruct(wrong[squeezed][chosen]),
    }
)

# %% [markdown]
# The three mistakes are of three kinds.
#
# - Bytes in place of fractions are *outside of what the model takes*. The exported model knows its
#   range, so the server can refuse them, and says how to mend it.
# - A squeezed photo is 3,072 numbers from 0 to 1, as any other. The answer is 200, the picture
#   looks like a photo, and it is the answer to another question: for a third of the photos the
#   code is now further from the right one than that of some other photo. A search by these codes
#   would find the wrong photos, and nothing in any log would show it.
# - The client without `draft` is right by every description of the preparation, down to the name of
#   the filter. It differs all the same, by up to 0.03, seven levels of grey: our loader lets the
#   decoder of JPEG halve a large photo, which saves time, and the mean of four pixels that it takes
#   is not the filter's. The codes hardly move. But a threshold, such as that of an anomaly
#   detector, could be crossed.
#
# So the range is checked by the server, and all else is an agreement. Write it down where the
# client's author looks: the export keeps the name of its data, here
# `photos?image_size=32x32&fit=crop&color=rgb`. And keep one photo with its answer as a test for
# every new client, as `zoo verify` does with numbers.

# %%
server.terminate()
print("the server ends with", server.wait())

# %% [markdown]
# ## Exercises
#
# 1. A client wants the code of a photo and not its reconstruction. Which address does it ask, and
#    how many numbers come back?
#
# <details>
# <summary>Answer</summary>
#
# `/v2/models/photos.encode/infer`: each function of the exported model is a model of the protocol,
# and `photos` alone is `reconstruct`. The output is called `latent` and has 48 numbers a photo, a
# 64th of the 3,072 that were sent. A search for similar photos needs no more.
#
# </details>
#
# 2. `ImageOps.fit` without its last argument takes another filter, bicubic. How far does the answer
#    move? Would the server notice?
#
# <details>
# <summary>Answer</summary>
#
# By at most 0.02, at pixels that differ by up to 0.07. The codes stay nearest to their own photo
# for all 300. The server cannot notice: it sees numbers from 0 to 1.
#
# </details>

# %% [markdown]
# ## References
#
# - KServe contributors (2024). *Open Inference Protocol*. GitHub. The requests and answers of this
#   lesson, and their form over gRPC.
# - Sculley, D. et al. (2015). *Hidden technical debt in machine learning systems*. NIPS. Why the
#   code around a model is most of the system.
# - van der Walt, S. et al. (2014). *scikit-image: image processing in Python*. PeerJ. The photos
#   that it carries, and who took them.

# %% [markdown]
# ## Conclusion
#
# Yes, if the client prepares the photo as the loader did: over 300 photo files, no number of the
# server's answers differs from the model's by more than **0.0000004**. The server notices a client
# that sends bytes. It cannot notice one that squeezes photos, whose answers are off by up to
# **0.74** of the range from black to white.

# %%
print(f"largest difference of the server's answers: {largest:.7f}")
assert largest < 1e-5
