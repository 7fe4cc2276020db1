"""The page of `zoo explore`, driven in headless Chromium by mouse, keyboard and touch."""

import base64
import contextlib
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.experiments.browser import chromium as browsers
from zoo.experiments.browser.parity import differences
from zoo.explore import contents, runtime, single
from zoo.explore.write import PAGE, write
from zoo.inputs.vocabulary import Vocabulary

PATIENCE = 15  # seconds until the page shows what it must
ZOO = [sys.executable, "-m", "zoo"]


@pytest.fixture(scope="module")
def files():
    """The files of onnxruntime-web."""
    try:
        return runtime.find()
    except runtime.MissingRuntimeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def chromium(files):
    pytest.importorskip("playwright", reason="pip install playwright")
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(browsers.browser())
        except zoo.errors.UsageError as error:
            pytest.skip(str(error))
        yield found


@pytest.fixture(scope="module")
def switches(tmp_path_factory):
    """An export whose decoder takes switches."""
    model = zoo.build("conv_ae", filters=(4, 3), latent_dim=5, unpooling="argmax")
    return zoo.export(model, tmp_path_factory.mktemp("exports") / "switches")


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """An export that takes missing cells, and rows with them."""
    rows = np.random.default_rng(0).random((60, 5), "float32")
    rows[::2, 1] = np.nan
    model = zoo.build("pca", input_shape=(5,), latent_dim=2, missing="mask").adapt(rows)
    return zoo.export(model, tmp_path_factory.mktemp("exports") / "gaps"), rows


@pytest.fixture(scope="module")
def folder(files, switches, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page") / "page"
    bundles = ["neighbour_ae", "mnist_detector", switches.folder]
    assert write(bundles, folder, data="mnist_5k") == ["neighbour_ae", "mnist_detector", "switches"]
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with browsers.served(folder) as address:
        yield address


@contextlib.contextmanager
def opened(chromium, address, query="", **options):
    """A page that is ready; whatever it logs, or asks of others, is an error."""
    wrong, own = [], (address, "data:", "blob:")
    context = chromium.new_context(**{"viewport": {"width": 1200, "height": 900}} | options)
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: request.url.startswith(own) or wrong.append(request.url))
    page.goto(f"{address}index.html{query}")
    page.locator("body[data-state=ready]").wait_for(timeout=PATIENCE * 1000)
    yield page
    context.close()
    assert not wrong


def drawn(page, selector):
    """The colours of a canvas, from 0 to 255."""
    address = page.locator(selector).first.evaluate("(canvas) => canvas.toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def pixels(page, selector):
    """The grey values of a canvas, from 0 to 255."""
    return drawn(page, selector)[..., 0]


def code(page, panel=".code"):
    """The code that the sliders of a panel show, in its own order."""
    found = page.locator(f"{panel} .slider input").evaluate_all(
        "(sliders) => sliders.map((slider) => [slider.ariaLabel, slider.valueAsNumber])"
    )
    return np.float32([value for _, value in sorted(found, key=lambda each: int(each[0][1:]))])


def eventually(check):
    """Repeats a check until it holds."""
    started = time.monotonic()
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() - started > PATIENCE:
                raise
            time.sleep(0.05)


def same(found, expected):
    """A canvas shows an image: one grey level is lost to rounding at most."""
    assert np.abs(found - 255 * np.asarray(expected).reshape(found.shape)).max() <= 1


def decodes(page, bundle, panel=".code"):
    """The panel shows what `zoo.load` decodes from the code of its sliders."""
    same(pixels(page, f"{panel} .decoded canvas"), bundle.decode(code(page, panel)[None])[0])


def moved(page, before, bundle):
    """The code is another one, and is decoded."""

    def check():
        assert not np.allclose(code(page), before)
        decodes(page, bundle)

    eventually(check)
    return code(page)


def point(page, selector, x, y):
    """The place in the window of a point of an element, which is scrolled to."""
    page.locator(selector).scroll_into_view_if_needed()
    box = page.locator(selector).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_the_code_moves_by_mouse_keys_and_sliders(chromium, address):
    bundle = zoo.load("neighbour_ae")
    with opened(chromium, address) as page:
        first = code(page)
        page.mouse.move(*point(page, ".plane", 0.3, 0.3))
        page.mouse.down()
        page.mouse.move(*point(page, ".plane", 0.6, 0.7), steps=4)
        page.mouse.up()
        dragged = moved(page, first, bundle)
        page.mouse.move(*point(page, ".plane", 0.1, 0.1))  # not pressed: nothing happens
        page.locator(".plane").focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
        keyed = moved(page, dragged, bundle)
        assert keyed[0] < dragged[0]
        assert keyed[1] > dragged[1]
        page.locator(".code .slider input").first.press("PageDown")
        moved(page, keyed, bundle)
        page.get_by_role("button", name="Show decoded images").click()
        page.get_by_role("button", name="Show codes").wait_for()


def test_the_code_moves_by_touch(chromium, address):
    options = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 844}}
    bundle = zoo.load("neighbour_ae")
    with opened(chromium, address, **options) as page:
        before = code(page)
        page.touchscreen.tap(*point(page, ".plane", 0.7, 0.4))
        tapped = moved(page, before, bundle)
        session = page.context.new_cdp_session(page)
        for kind, place in [("touchStart", 0.7), ("touchMove", 0.6), ("touchMove", 0.4)]:
            x, y = point(page, ".plane", place, 0.4)
            points = [{"x": x, "y": y}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        dragged = moved(page, tapped, bundle)
        assert dragged[0] < tapped[0]
        assert dragged[1] == pytest.approx(tapped[1], rel=1e-3)


def test_a_drawn_digit_is_encoded_decoded_and_found(chromium, address, folder):
    bundle = zoo.load("neighbour_ae")
    facts = json.loads((folder / "models/neighbour_ae/model.json").read_text())
    place = facts["arrays"]["codes"]
    stored = np.frombuffer((folder / "models/neighbour_ae/arrays.bin").read_bytes(), np.uint8)
    stored = stored[place["offset"] :][: 4 * np.prod(place["shape"])].view("<f4")
    stored = stored.reshape(place["shape"])
    np.testing.assert_allclose(
        stored, bundle.encode(zoo.datasets.load("mnist_5k").train.images[:2000]), atol=1e-5
    )

    def shown():
        row = pixels(page, ".pad")[None, ..., None].astype("float32") / 255
        size = np.array(facts["high"]) - facts["low"]
        assert np.abs((code(page) - bundle.encode(row)[0]) / size).max() < 0.01  # bytes are rounded
        decodes(page, bundle)
        found = page.locator(".neighbours li").evaluate_all(
            "(rows) => rows.map((row) => Number(row.dataset.row))"
        )
        distance = np.linalg.norm(stored - code(page), axis=1)
        assert found == list(np.argsort(distance, kind="stable")[: len(found)])
        assert len(found) == 6

    with opened(chromium, address) as page:
        page.get_by_role("button", name="Clear").click()
        eventually(lambda: same(pixels(page, ".pad"), np.zeros((28, 28))))
        page.mouse.move(*point(page, ".pad", 0.5, 0.2))
        page.mouse.down()
        page.mouse.move(*point(page, ".pad", 0.5, 0.8), steps=6)
        page.mouse.up()
        eventually(shown)
        inked = (pixels(page, ".pad") > 128).sum()
        assert 20 < inked < 100
        page.locator(".pad").focus()
        for key in [" ", *["ArrowRight"] * 5, " "]:
            page.keyboard.press(key)
        eventually(shown)
        assert (pixels(page, ".pad") > 128).sum() > inked
        page.get_by_role("button", name="Erase").click()
        page.mouse.click(*point(page, ".pad", 0.5, 0.2))
        eventually(shown)
        assert pixels(page, ".pad")[5, 14] < 128
        page.get_by_role("button", name="Example 3, 2").press("Enter")
        eventually(shown)


def examples(folder, name):
    facts = json.loads((folder / f"models/{name}/model.json").read_text())["arrays"]["examples"]
    data = (folder / f"models/{name}/arrays.bin").read_bytes()[facts["offset"] :]
    return np.frombuffer(data[: 4 * np.prod(facts["shape"])], "<f4").reshape(facts["shape"])


def set_slider(page, panel, value):
    page.locator(f"{panel} > .slider input").fill(str(value))


def test_interpolation_noise_and_anomalies(chromium, address, folder):
    bundle, rows = zoo.load("mnist_detector"), examples(folder, "mnist_detector")
    start, end, third = bundle.encode(rows[:3])
    with opened(chromium, address, "?model=mnist_detector") as page:
        set_slider(page, ".interpolate", 0.25)
        between = ".interpolate .outputs canvas"
        eventually(lambda: same(pixels(page, between), bundle.decode([0.75 * start + 0.25 * end])))
        page.get_by_role("button", name="Example 3, 2").click()
        page.get_by_role("button", name="Use the input as end").click()
        eventually(
            lambda: same(pixels(page, between), bundle.decode([0.75 * start + 0.25 * third]))
        )

        set_slider(page, ".noise", 0)
        restored = bundle.reconstruct(rows[2:3])
        eventually(lambda: same(pixels(page, ".noise canvas"), rows[2]))
        eventually(lambda: same(pixels(page, ".noise figure:nth-child(2) canvas"), restored))
        set_slider(page, ".noise", 0.4)
        eventually(lambda: deviates(page, rows[2]))
        noisy = pixels(page, ".noise canvas")
        page.get_by_role("button", name="Other noise").click()
        eventually(lambda: differs(pixels(page, ".noise canvas"), noisy))

        def verdict():
            text = page.locator(".anomaly .number").inner_text()
            return re.fullmatch(r"(\w+): score ([\d.]+), threshold ([\d.]+)", text).groups()

        assert verdict() == (
            "normal", f"{bundle.score(rows[2:3])[0]:.4f}", f"{bundle.detection['threshold']:.4f}",
        )  # fmt: skip
        page.mouse.move(*point(page, ".pad", 0.1, 0.9))
        page.mouse.down()
        for corner in [(0.9, 0.9), (0.9, 0.1), (0.1, 0.1), (0.1, 0.9)]:
            page.mouse.move(*point(page, ".pad", *corner), steps=4)
        page.mouse.up()
        eventually(lambda: differs(verdict()[0], "normal"))
        row = pixels(page, ".pad")[None, ..., None].astype("float32") / 255
        assert float(verdict()[1]) == pytest.approx(bundle.score(row)[0], rel=0.02)


def deviates(page, row):
    """The noise is about as strong as its slider, less what the range cuts off."""
    assert 0.2 < np.std(pixels(page, ".noise canvas") / 255 - row[..., 0]) < 0.4


def differs(one, other):
    assert not np.array_equal(one, other)


def test_the_switches_are_where_the_maxima_are(chromium, address, folder, switches):
    row = examples(folder, "switches")[:1]
    codes, found = switches.encode(row, switches=True)
    with opened(chromium, address, "?model=switches") as page:
        expected = switches.decode(codes, found)
        eventually(lambda: same(pixels(page, ".decoded canvas"), expected))
        channel = int(page.locator(".switches select").input_value())
        offsets = found[0][0, ..., channel]
        canvas = drawn(page, ".switches canvas")
        size = len(canvas) // 28
        middle = canvas[size // 2 :: size, size // 2 :: size]  # of each pixel of the image
        dots = np.abs(middle - [255, 180, 84]).max(axis=-1) < 8
        lines, columns = np.indices(offsets.shape)
        marked = np.zeros((28, 28), bool)
        marked[2 * lines + offsets // 2, 2 * columns + offsets % 2] = True
        np.testing.assert_array_equal(dots, marked)
        page.mouse.click(*point(page, ".plane", 0.5, 0.5))  # decoded with the row's switches
        eventually(
            lambda: same(pixels(page, ".decoded canvas"), switches.decode(code(page)[None], found))
        )


def test_two_models_side_by_side(chromium, address, folder):
    with opened(chromium, address, "?model=mnist_detector&compare=neighbour_ae") as page:
        page.get_by_role("button", name="Example 5, 4").click()
        row = examples(folder, "neighbour_ae")[4:5]
        for number, name in enumerate(["mnist_detector", "neighbour_ae"], start=2):
            panel, bundle = f".code:nth-child({number})", zoo.load(name)
            expected = bundle.reconstruct(row)
            canvas = f"{panel} .decoded canvas"
            eventually(lambda at=canvas, right=expected: same(pixels(page, at), right))
            assert page.locator(panel).get_by_role("heading", name=f"Code of {name}").is_visible()
        assert page.locator(".anomaly canvas").count() == 2
        page.get_by_label("Compare with").select_option("")
        page.locator(".models-1").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_page_fits(chromium, address, width, scheme):
    size = {"width": width, "height": 844}
    query = "?model=neighbour_ae&compare=switches" if scheme == "dark" else ""
    with opened(chromium, address, query, viewport=size, color_scheme=scheme) as page:
        wide, room, paper = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth,"
            " getComputedStyle(document.documentElement).backgroundColor]"
        )
        assert wide <= room <= width
        assert (int(re.search(r"\d+", paper)[0]) > 128) == (scheme == "light")


HARD = [
    "ΣΟΦΟΣ σοφός Σ",
    "手机壳 iPhone手机壳 猫",
    "İstanbul I ı straße ﬁn",
    "ที่นี่ 42nd don't",
    "e\u0301te",
]


def test_texts_are_weighed_and_found(chromium, files, tmp_path):
    texts = [f"{verb} {thing} of {kind}." for verb, thing, kind in itertools.product(
        ("Returns", "Plots", "Trains", "Computes"), ("an array", "a model", "the gradient"),
        ("numbers", "images", "a random matrix"),
    )]  # fmt: skip
    write(["document_ae"], tmp_path / "page", data=texts)
    bundle, text = zoo.load("document_ae"), "Returns an array of random numbers, with a seed."
    with browsers.served(tmp_path / "page") as address, opened(chromium, address) as page:
        page.get_by_label("Text", exact=True).fill(text)
        eventually(
            lambda: np.testing.assert_allclose(code(page), bundle.encode([text])[0], atol=1e-4)
        )
        words = page.locator(".decoded .words li span").all_inner_texts()
        weights = bundle.reconstruct([text])[0]
        assert words == [bundle.vocabulary.words[place] for place in np.argsort(-weights)[:10]]
        facts = json.loads((tmp_path / "page/models/document_ae/model.json").read_text())
        train = zoo.datasets.load(texts).train.inputs[: len(facts["texts"])]
        distance = np.linalg.norm(bundle.encode(list(train)) - code(page), axis=1)
        nearest = page.locator(".neighbours li").first
        eventually(lambda: differs(nearest.get_attribute("data-row"), None))
        eventually(lambda: np.testing.assert_equal(
            int(nearest.get_attribute("data-row")), int(distance.argmin())
        ))  # fmt: skip
        for weighting in ("counts", "tf-idf"):
            vocabulary = Vocabulary.learn(HARD * 2, size=40, weighting=weighting)
            for hard in HARD:
                weights = page.evaluate(
                    "async ([vocabulary, text]) => {"
                    " const { weigh } = await import('./js/texts.js');"
                    " return [...weigh(vocabulary, text, vocabulary.words.length)]; }",
                    [contents.vocabulary_facts(vocabulary), hard],
                )
                np.testing.assert_allclose(weights, vocabulary.weigh([hard])[0], atol=1e-6)


def test_a_single_folder_opens_without_a_server(chromium, files, tmp_path):
    write(["neighbour_ae"], tmp_path / "page", single_folder=True)
    bundle = zoo.load("neighbour_ae")
    assert not list((tmp_path / "page").rglob("*.mjs"))
    with opened(chromium, (tmp_path / "page").as_uri() + "/") as page:
        before = code(page)
        page.mouse.click(*point(page, ".plane", 0.4, 0.6))
        moved(page, before, bundle)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?model=nobody", "There is no model nobody on this page; there are neighbour_ae, mnist_d"),
        ("?compare=nobody", "There is no model nobody"),
    ],
)
def test_a_wrong_address_is_named_on_the_page(chromium, address, query, message):
    page = chromium.new_page()
    page.goto(f"{address}index.html{query}")
    page.get_by_role("alert").filter(has_text=message).wait_for()
    page.close()


def test_the_browser_computes_what_zoo_load_computes(chromium, switches, gaps, tmp_path):
    """Images, texts and a detector ship; each other kind of data is exported here."""
    exports = {"switches": switches.folder, "gaps": gaps[0].folder}
    exports |= {name: zoo.load(name).folder for name in ("vae", "document_ae", "mnist_detector")}
    for name in ("conv1d_ae", "conv3d_ae"):
        model = zoo.build(name, **zoo.entry(name).tiny)
        exports[name] = zoo.export(model, tmp_path / name).folder
    found = differences(chromium, exports)
    worst = {name: max(each.values()) for name, each in found.items()}
    assert found.keys() == exports.keys()
    assert max(worst.values()) <= 1e-5, worst
    assert {"decode.reconstruction", "encode.switches_1"} <= found["switches"].keys()
    assert "score.score" in found["mnist_detector"]
    assert any(name.startswith("impute.") for name in found["gaps"])


def test_missing_cells_are_left_out(chromium, gaps, tmp_path):
    bundle, rows = gaps
    data = zoo.datasets.load(rows, missing="mask")
    write([bundle.folder], tmp_path / "page", data=data)
    with browsers.served(tmp_path / "page") as address, opened(chromium, address) as page:
        assert "NaN" not in page.locator("body").inner_text()
        eventually(lambda: differs(drawn(page, ".input canvas").std(), 0.0))


def zoo_explore(*arguments, **environment):
    return subprocess.run(
        [*ZOO, "explore", *map(str, arguments)], capture_output=True, text=True, check=False,
        env=os.environ | environment, timeout=120,
    )  # fmt: skip


def test_without_npm_the_command_says_what_to_run(tmp_path):
    done = zoo_explore("pca", "--to", tmp_path / "page", PATH="", ZOO_CACHE=str(tmp_path))
    assert done.returncode == 3
    assert "\nnpm pack onnxruntime-web@1.30.0\n" in done.stderr
    assert not (tmp_path / "page").exists()


def test_other_files_are_no_runtime(files, tmp_path):
    with pytest.raises(zoo.errors.UsageError, match=r"must hold ort\.wasm\.min\.mjs"):
        runtime.find(tmp_path)
    for name in runtime.FILES:
        (tmp_path / name).write_bytes(files[name])
    assert runtime.find(tmp_path) == files
    (tmp_path / "ort.wasm.min.mjs").write_bytes(files["ort.wasm.min.mjs"] + b" ")
    with pytest.raises(zoo.errors.CheckFailedError, match="its hash differs"):
        runtime.find(tmp_path)
    (tmp_path / runtime.ARCHIVE).write_bytes(b"another package")
    with pytest.raises(zoo.errors.CheckFailedError, match="its SHA-512 must be"):
        runtime.find(tmp_path)


def test_what_is_refused(files, tmp_path):
    model = zoo.classifier(zoo.build("linear_ae", latent_dim=2), classes=3)
    zoo.export(model, tmp_path / "classes")
    for bundles, options, message in [
        ([tmp_path / "classes"], {}, "needs a model that encodes and decodes"),
        (["pca", "pca=vae"], {}, "Two models have the same name"),
        (["pca"], {"data": "wine"}, "shape"),
        (["nothing"], {}, "There is no folder nothing"),
    ]:
        with pytest.raises(zoo.errors.UsageError, match=message):
            write(bundles, tmp_path / "page", **options)
    assert not (tmp_path / "page").exists()
    write(["pca"], tmp_path / "page")
    with pytest.raises(zoo.errors.UsageError, match="exists already"):
        write(["pca"], tmp_path / "page")
    assert write(["pca"], tmp_path / "page", overwrite=True) == ["pca"]
    assert {*runtime.TERMS} <= {path.name for path in (tmp_path / "page/runtime").iterdir()}


def test_open_serves_the_page_until_it_is_interrupted(files, tmp_path, interruptible):
    for name in runtime.FILES:
        (tmp_path / name).write_bytes(files[name])
    command = [*ZOO, "explore", "pca", "--open", "--runtime", str(tmp_path), "--json"]
    environment = os.environ | {"BROWSER": "true", "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        lines = ""
        while not lines.endswith("}\n"):
            line = process.stdout.readline()
            assert line, "the command ended"
            lines += line
        address = json.loads(lines)["address"]
        for name, kind in [
            ("", "text/html"), ("js/main.js", "text/javascript"),
            ("runtime/ort-wasm-simd-threaded.wasm", "application/wasm"),
        ]:  # fmt: skip
            with urllib.request.urlopen(address + name) as answer:
                assert answer.headers.get_content_type() == kind
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address + "js/")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.communicate()
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_every_module_is_in_the_single_script():
    files = {path.relative_to(PAGE).as_posix(): path.read_bytes() for path in PAGE.rglob("*.js")}
    text = single.bundled(files).decode()
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    assert {f'modules["{name.removeprefix("js/")}"] = ' for name in files} == {
        *re.findall(r'^modules\["[\w-]+\.js"\] = ', text, re.MULTILINE)
    }
