"""The two passes over the bundled study agree as ``gold/settling.md`` says, where somebody else reckoned it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from qualcode.analysis import Layer, Study, agreement, study_of
from qualcode.codebook import load_codebook
from qualcode.model.coding import Coding
from qualcode.model.document import Span
from qualcode.notebook.verbs import read

GOLD = Path(__file__).parents[2] / "corpora" / "hope-challenge" / "gold"
CELLS = re.compile(r"^\| ([A-Z]\d+) \|.*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


def layer(made: Study, name: str) -> Layer:
    """Return one pass over the bundled study."""
    ids = {case.name: case.id for case in made.cases}
    found = []
    with (GOLD / f"pass-{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code, span = made.codebook[row["code"]], Span(int(row["start"]), int(row["end"]))
            found.append(Coding(ids[row["document"]], row["document"], int(row["block"]), "", "participant", span,
                                row["quote"], code.id, code.label, name, "", "", None, row["stance"], "coded", name,
                                made.codebook.id, made.codebook.version))  # fmt: skip
    return Layer(name, frozenset(ids.values()), tuple(found))


def test_turns_kappas_and_percentages_are_those_of_the_bundled_study() -> None:
    documents = read(GOLD.parent / "transcripts")
    made = study_of(documents, load_codebook("hope-merged"), [], units={})
    table = agreement(made, [layer(made, "a"), layer(made, "b")], level="turn", replicates=0)
    lines = {line["code"]: line for line in table}
    told = CELLS.findall((GOLD / "settling.md").read_text(encoding="utf-8"))
    assert len(told) == 33
    for code, *cells, percent, kappa in told:
        both, only_a, only_b, neither = map(int, cells)
        line = lines[code]
        assert line["units"] == both + only_a + only_b + neither == 235
        assert (line["a: coded"], line["b: coded"]) == (both + only_a, both + only_b)
        assert f"{100 * float(line['percent'] or 0):.1f}" == percent
        assert f"{float(line['kappa'] or 0):.2f}" == kappa
    pooled = next(line for line in table if line["label"] == "all codes, pooled")
    assert (pooled["units"], pooled["a: coded"], f"{float(pooled['kappa'] or 0):.2f}") == (7755, 510, "0.80")
