# %% [markdown]
# # 12. Photos, from a folder to a server
#
# This lesson goes all the way from a folder of photo files to a server that answers a client, and
# measures what the client gets back.

# %% [markdown]
# ## The question
#
# A folder holds photo files of many sizes. A model learns them, is exported, and is served. Far
# away is a client: a program of five lines that has one photo file and an address, and neither the
# model nor the code that made it. Between the file and the answer lie a decoder of JPEG, a crop, a
# change of size, a division, a network and a runtime. Does the client get the same answer as
# someone who sits at the trained model with the folder beside them? And if it does not, who notices?

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
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import requests
import skimage
from PIL import Image, ImageOps

import zoo

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
# And the client. It needs Pillow, NumPy and `requests`. The protocol is the Open Inference Protocol,
# which other servers speak too, so that the five lines of this function would ask them as well.


# %%
def reconstructed(path):
    photo = ImageOps.fit(Image.open(path), (32, 32), Image.Resampling.LANCZOS)
    data = (np.asarray(photo, np.float32) / 255).reshape(-1).tolist()
    image = {"name": "image", "datatype": "FP32", "shape": [1, 32, 32, 3], "data": data}
    answer = requests.post(
        f"{address}/v2/models/photos/infer", json={"inputs": [image]}, timeout=10
    )
    return np.reshape(answer.json()["outputs"][0]["data"], (32, 32, 3))


# %% [markdown]
# ## The picture
#
# Ten photo files as the client sent them, and what it got back. Below is the same as the model of
# this notebook computes it, with the photos as the folder was loaded, and the difference of the
# two, made a million times larger: grey stands for none.

# %%
rows = zoo.datasets.rows(data.name)  # all photos of the folder, prepared as those of the training
shown = range(0, 300, 30)
answers = np.stack([reconstructed(f"photos/{name}") for name in rows.names])
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
# NOTICE

# %%
largest = np.abs(answers - own).max()
print(f"300 photos, {answers.size:,} numbers: the largest difference is {largest:.7f}")
body = len(requests.Request("POST", "http://a", json=rows.inputs[0].tolist()).prepare().body)
print(f"a photo as JSON: {body:,} bytes; as numbers: {rows.inputs[0].nbytes:,}")

# %% [markdown]
# ## What goes wrong
#
# Two clients that are almost right. The first forgets to divide by 255. The second divides, but it
# makes a square of the photo by `resize`, which squeezes it, instead of cutting a square out.


# %%
def sent(pixels, endpoint="photos"):
    data = pixels.astype(np.float32).reshape(-1).tolist()
    image = {"name": "image", "datatype": "FP32", "shape": [len(pixels), 32, 32, 3], "data": data}
    return requests.post(
        f"{address}/v2/models/{endpoint}/infer", json={"inputs": [image]}, timeout=10
    )


def codes(pixels):
    output = sent(pixels, "photos.encode").json()["outputs"][0]
    return np.reshape(output["data"], output["shape"])


answer = sent(255 * rows.inputs[:1])
print(answer.status_code, answer.json()["error"])

paths = [f"photos/{name}" for name in rows.names]
squeezed = np.stack(
    [np.asarray(Image.open(path).resize((32, 32), Image.Resampling.LANCZOS)) for path in paths]
)
squeezed = squeezed.astype(np.float32) / 255
answer = sent(squeezed[:1])
print(answer.status_code, "and an answer")

right, wrong = codes(rows.inputs), codes(squeezed)
moved = np.linalg.norm(wrong - right, axis=1)
apart = np.linalg.norm(right[:, None] - right[None], axis=-1) + np.diag(np.full(300, np.inf))
nearer = np.mean(moved > apart.min(axis=1))
print(f"codes of squeezed photos: {np.median(moved):.2f} away, the nearest other photo is")
print(
    f"{np.median(apart.min(axis=1)):.2f} away; for {nearer:.0%} of the photos another one is nearer"
)

chosen = np.argsort(moved)[-10:]
zoo.plots.reconstructions(
    {
        "cut out": rows.inputs[chosen],
        "answer": answers[chosen],
        "squeezed": squeezed[chosen],
        "answer ": model.reconstruct(squeezed[chosen]),
    }
)

# %% [markdown]
# WRONG

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
# FILTER
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
# CONCLUSION

# %%
print(f"largest difference of the server's answers: {largest:.7f}")
assert largest < 1e-5
