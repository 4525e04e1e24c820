"""Coded documents to the files that are left behind: ``codings.csv``, ``themes.csv``, ``report.html``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.project.coding import Coded
from qualcode.project.settings import CoderRecipe

if TYPE_CHECKING:
    from qualcode.report.model import BlindspotChapter, TopicChapter

__all__ = ["OUTPUTS", "REPORT_MARK", "codings_header", "csv_files", "report_html"]

REPORT_MARK = ": theme report</title>"
"""What a report has near its beginning and other files do not."""

OUTPUTS = ("codings.csv", "themes.csv", "report.html")


def codings_header() -> str:
    """Return the first line of a ``codings.csv``: how a folder of ours is known."""
    from qualcode.interchange.tabular import CODING_COLUMNS

    return ",".join(column.name for column in CODING_COLUMNS)


def csv_files(done: Coded, folder: Path) -> dict[Path, str | bytes]:
    """Return the two tables that other programs read, as texts by path."""
    return {folder / OUTPUTS[0]: done.table().to_csv(), folder / OUTPUTS[1]: done.themes().to_csv()}


def report_html(
    done: Coded, *, command: str, date: str, coders: Sequence[CoderRecipe], model: str | None = None,
    topics: TopicChapter | None = None, blindspots: BlindspotChapter | None = None,
) -> str:  # fmt: skip
    """Return the report as one HTML page.

    ``model`` is the spaCy pipeline whose lemmas the index used; ``topics`` what its chapter on topics says, if it has
    one; ``blindspots`` what it says of talk that no code touched.
    """
    from qualcode.report import build_report, provenance, render_html

    recipe = {
        each.name: ", ".join(f"{name} = {value}" for name, value in each.parameters.items()) or "with its defaults"
        for each in coders
    }
    if model is not None:
        from qualcode.text.nlp import model_version

        recipe["lemmas and tags"] = f"spaCy model {model_version(model)}"
    made_with = provenance(command=command, recipe=recipe)
    caution = (
        "The transcripts, the codebook or the settings changed after these codings were made. The codebook and the "
        "fingerprints printed here are those of today; code again before anything is quoted."
        if done.outdated
        else ""
    )
    page = build_report(
        done.study, documents=done.documents, made_with=made_with, date=date, caution=caution, notes=done.notes,
        topics=topics, blindspots=blindspots,
    )  # fmt: skip
    return render_html(page)
