"""Measures the page of `zoo explore` in headless Chromium.

The command

    python -m zoo.experiments.browser.speed FOLDER

exports each variant of images, in its default size, to `FOLDER`, unless it is there, and appends
the times of its page and the sizes of its files to `results/browser.jsonl`.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from zoo.experiments import results
from zoo.experiments.browser.chromium import browser, served
from zoo.experiments.browser.exports import write_exports
from zoo.explore.write import write

MOVES = 200  # positions of the pointer, over which the times are measured
PATIENCE = 60_000  # milliseconds


def measure(folder: Path, results_folder=None) -> list[dict]:
    """Records the times of the page of each variant of images, and the sizes of its files.

    Args:
        folder: Path of the folder for the exports.
        results_folder: String or path. The folder of `browser.jsonl`. Defaults to None, the
            package's.

    Returns:
        List of the lines of `browser.jsonl`.

    Example:

    >>> measure(Path("exports"))  # doctest: +SKIP
    """
    exports, lines = write_exports(folder, small=False), []
    with tempfile.TemporaryDirectory() as place, browser() as chromium:
        page = Path(place) / "page"
        write([f"{name}={export}" for name, export in exports.items()], page, data="mnist_5k")
        runtime_bytes = _size(page / "runtime")
        with served(page) as address:
            measure_page(chromium, f"{address}?model={next(iter(exports))}", moves=5)  # warm-up
            for name in exports:
                times = measure_page(chromium, f"{address}?model={name}")
                lines.append(results.append(
                    "browser", results_folder, what="page", variant=name,
                    chromium=chromium.version, runtime_bytes=runtime_bytes,
                    model_bytes=_size(page / "models" / name), **times, value=times["p95"],
                ))  # fmt: skip
    return lines


def _size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure_page(chromium, address: str, moves: int = MOVES) -> dict[str, float]:
    """Returns the times of a page in milliseconds, while the pointer drags over the plane.

    Args:
        chromium: The browser, as `browser` yields it.
        address: String. The address of the page of one model.
        moves: Positive integer. Number of positions of the pointer. Defaults to 200.

    Returns:
        Dict: `first_decode`, from the end of loading the page's own files; `median` and `p95` of
        decoding a code and drawing the cursor, the sliders and the decoded row.

    Example:

    >>> with browser() as chromium:  # doctest: +SKIP
    ...     measure_page(chromium, "http://127.0.0.1:8000/")
    """
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.goto(address)
    page.locator("body[data-state=ready]").wait_for(timeout=PATIENCE)
    box = page.locator(".plane").bounding_box()
    page.evaluate("performance.clearMeasures('decode and draw')")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for angle in np.linspace(0, 6 * np.pi, moves):
        reach = 0.45 * angle / (6 * np.pi)
        page.mouse.move(
            box["x"] + box["width"] * (0.5 + reach * np.cos(angle)),
            box["y"] + box["height"] * (0.5 + reach * np.sin(angle)),
        )
    page.mouse.up()
    times, first = page.evaluate(
        "[performance.getEntriesByName('decode and draw').map((each) => each.duration), "
        "performance.getEntriesByName('first decode')[0].startTime - "
        "performance.getEntriesByType('navigation')[0].loadEventEnd]"
    )
    page.close()
    median, high = np.percentile(times, [50, 95])
    return {"first_decode": first, "median": median, "p95": high, "decodes": len(times)}


if __name__ == "__main__":
    for line in measure(Path(sys.argv[1])):
        print(line["variant"], line["first_decode"], line["p95"])
