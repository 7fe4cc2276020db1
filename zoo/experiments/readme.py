"""Writes the tables of README.md and docs/: `python -m zoo.experiments.readme`."""

import re
from pathlib import Path

from zoo.experiments.detector_scores import detector_scores
from zoo.experiments.image_scores import image_scores
from zoo.experiments.readme_anomalies import anomaly_tables, small_tables
from zoo.experiments.readme_browser import browser_page
from zoo.experiments.readme_ideas import ideas
from zoo.experiments.readme_results import (
    labels,
    main_job,
    main_results,
    reproduced,
)
from zoo.experiments.readme_servers import mutations, server_load
from zoo.experiments.readme_signals import sequence_scores, signals, volume_scores
from zoo.experiments.readme_speed import fit_speed, speed
from zoo.experiments.readme_variants import families, variants
from zoo.experiments.readme_weights import planes
from zoo.experiments.reproduce.document_table import documents, ten_numbers
from zoo.experiments.table_scores import table_scores
from zoo.experiments.weights_card import weights

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

TABLES = {
    table.__name__: table
    for table in (
        weights,
        variants,
        families,
        main_job,
        main_results,
        ideas,
        labels,
        reproduced,
        planes,
        documents,
        ten_numbers,
        anomaly_tables,
        small_tables,
        table_scores,
        fit_speed,
        detector_scores,
        image_scores,
        signals,
        sequence_scores,
        volume_scores,
        speed,
        browser_page,
        server_load,
        mutations,
    )
}


def written(text: str) -> str:
    r"""Returns the text of a page with its tables generated again.

    A table stands between `<!-- NAME -->` and `<!-- end -->`.

    Args:
        text: String. The text of the README or of a page in `docs/`.

    Returns:
        A string.

    Raises:
        KeyError: If there is no table of that name.

    Example:

    >>> written("<!-- variants -->\nold\n<!-- end -->").splitlines()[1]
    '| variant | family | what it is |'
    """
    return re.sub(
        r"<!-- (\w+) -->\n.*?<!-- end -->",
        lambda match: f"<!-- {match[1]} -->\n{TABLES[match[1]]()}\n<!-- end -->",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
