"""How common a code is: the machine's share, a hand-coded sample, and the estimate from both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis import DrawnUnit, HandSample, Study, draw_units, prevalence
from qualcode.errors import AnalysisError, StatisticsError
from qualcode.model.coding import Coding
from qualcode.model.document import Document, Span
from qualcode.model.table import Cell
from qualcode.stats.prevalence import prevalence as estimated
from tests.analysis.studies import coding, studies, study, units_of
from tests.builders import document


def talks(n: int, sentences: int = 4) -> list[Document]:
    said = " ".join(f"It rains {number}." for number in range(sentences))
    return [document(f"t{each}", [("INT", "interviewer", "Well?"), ("P", "participant", said)]) for each in range(n)]


def machine_codes(made: list[Document], share: float, seed: int) -> tuple[Coding, ...]:
    chance = np.random.default_rng(seed)
    return tuple(coding(each, each.quote(unit), "C") for each in made for unit in units_of(each)[1:]
                 if chance.random() < share)  # fmt: skip


def by_hand(sample: HandSample, found: dict[tuple[str, Span], frozenset[str]]) -> HandSample:
    units = (replace(unit, codes=found.get((unit.document_id, unit.span), frozenset())) for unit in sample.units)
    return replace(sample, units=tuple(units), coder="Ann")


def row(made: Study, sample: HandSample | None, code: str = "C", **options: object) -> dict[str, Cell]:
    (line,) = list(prevalence(made, sample, codes=[code], **options))  # type: ignore[arg-type]
    return line


def truth(made: list[Document], seed: int) -> dict[tuple[str, Span], frozenset[str]]:
    """Return hand codes that agree with the machine (same seed) but for every fifth unit."""
    machine = {(each.document_id, each.span) for each in machine_codes(made, 0.4, seed)}
    frame = [(each.id, unit) for each in made for unit in units_of(each)[1:]]
    return {key: frozenset({"C"}) for at, key in enumerate(frame) if (key in machine) != (at % 5 == 0)}


def test_without_a_sample_there_is_a_share_of_the_machine_and_no_interval() -> None:
    made = talks(3)
    line = row(study(made, [coding(made[0], "It rains 1.", "C")]), None)
    assert (line["of_units"], line["machine_units"], line["machine_share"]) == (12, 1, 1 / 12)
    assert [line[name] for name in ("sampled_units", "hand_units", "estimate", "low", "high")] == [
        0,
        None,
        None,
        None,
        None,
    ]
    assert (line["status"], line["reason"]) == ("undefined", "machine-coded, no valid interval")


def test_a_sample_is_drawn_from_the_counted_units_with_its_probability() -> None:
    made = study(talks(5), [])
    sample = draw_units(made, 8, seed=3)
    assert (len(sample.units), {unit.probability for unit in sample.units}) == (8, {8 / 20})
    assert all("It rains" in made.documents[unit.document_id].quote(unit.span) for unit in sample.units)
    assert draw_units(made, 8, seed=3) == sample
    assert draw_units(made, 8, seed=4) != sample
    whole = draw_units(made, 2, by="transcript", seed=3)
    assert (len(whole.units), len({unit.document_id for unit in whole.units})) == (8, 2)
    with pytest.raises(StatisticsError, match="QC-N081"):
        draw_units(made, 21)
    with pytest.raises(AnalysisError, match="QC-A032"):
        draw_units(made, 2, unit="character")


def test_the_estimate_is_that_of_the_design_with_the_interval_over_transcripts() -> None:
    made = talks(20)
    found = study(made, machine_codes(made, 0.4, 1))
    sample = by_hand(draw_units(found, 40, seed=2), truth(made, 1))
    line = row(found, sample)
    frame = [(each.id, unit) for each in made for unit in units_of(each)[1:]]
    machine = {(each.document_id, each.span) for each in found.codings}
    drawn = {(unit.document_id, unit.span): unit.codes or frozenset() for unit in sample.units}
    f = [float(key in machine) for key in frame]
    y = [float("C" in drawn[key]) if key in drawn else None for key in frame]
    want = estimated(f, y, probability=0.5, clusters=[name for name, _ in frame])
    assert (line["estimate"], line["low"], line["high"]) == pytest.approx((want.estimate, want.low, want.high))
    assert (line["machine_units"], line["sampled_units"], line["hand_units"]) == (sum(f), 40, sum(v or 0 for v in y))
    assert line["transcripts"] == want.clusters == len({unit.document_id for unit in sample.units})
    assert line["agreed_units"] == sum(a == b for a, b in zip(f, y, strict=True))


def test_the_tiny_example_of_pseudo_outcomes() -> None:
    made = [document(f"x{n}", [("P", "participant", "It rains.")]) for n in range(10)]
    f, drawn, y = (1, 1, 0, 0, 1, 0, 1, 0, 0, 0), (1, 0, 1, 0, 1, 0, 1, 0, 1, 0), {0: 1, 2: 0, 4: 0, 6: 1, 8: 1}
    found = study(made, [coding(each, "It rains.", "C") for each, yes in zip(made, f, strict=True) if yes])
    units = tuple(DrawnUnit(made[at].id, units_of(made[at])[0], 0.5, frozenset({"C"} if y[at] else ()))
                  for at in range(10) if drawn[at])  # fmt: skip
    assert row(found, HandSample(units), method="dsl")["estimate"] == pytest.approx(0.4)


def test_estimates_scatter_around_the_truth_that_the_machine_misses() -> None:
    made = talks(12)
    codings = machine_codes(made, 0.4, 1)
    found, right = study(made, codings), truth(made, 1)
    lines = [row(found, by_hand(draw_units(found, 16, seed=seed), right), method="difference") for seed in range(60)]
    mean = sum(float(line["estimate"] or 0) for line in lines) / len(lines)
    share = len(right) / 48
    assert abs(float(lines[0]["machine_share"] or 0) - share) > 0.03
    assert mean == pytest.approx(share, abs=0.03)


def test_a_heading_has_the_units_of_its_children_by_machine_and_by_hand() -> None:
    made = talks(4)
    found = study(made, [coding(made[0], "It rains 1.", "B11"), coding(made[1], "It rains 2.", "B1")])
    everything = by_hand(draw_units(found, 16), {("t0", units_of(made[0])[2]): frozenset({"B11"})})
    lines = {code: row(found, everything, code) for code in ("B", "B1", "B11")}
    assert [lines[code]["machine_units"] for code in lines] == [2, 2, 1]
    assert [lines[code]["hand_units"] for code in lines] == [1, 1, 1]


def test_a_sample_that_is_coded_in_part_gives_no_interval_yet() -> None:
    made = talks(10)
    found = study(made, machine_codes(made, 0.4, 1))
    sample = by_hand(draw_units(found, 20), truth(made, 1))
    waiting = replace(sample, units=(replace(sample.units[0], codes=None), *sample.units[1:]))
    line = row(found, waiting)
    assert (line["status"], line["estimate"], line["sampled_units"]) == ("undefined", None, 19)
    assert "1 of 20 units of the sample are not hand-coded yet" in str(line["reason"])


@pytest.mark.parametrize(("by", "n", "said"), [("unit", 20, "40 sentences, and there are 48"),
                                               ("transcript", 5, "10 documents, and there are 12")])  # fmt: skip
def test_a_sample_says_nothing_about_documents_that_came_after_it(by: str, n: int, said: str) -> None:
    made = talks(12)
    before, after = (study(part, machine_codes(part, 0.4, 1)) for part in (made[:10], made))
    sample = by_hand(draw_units(before, n, by=by), truth(made, 1))  # type: ignore[arg-type]
    assert row(before, sample)["status"] == "ok"
    line = row(after, sample)
    assert (line["status"], line["estimate"], line["low"]) == ("undefined", None, None)
    assert said in str(line["reason"])
    # A sample from elsewhere, each unit drawn by itself, has no fixed size.
    assert row(after, replace(sample, seed=None))["status"] == "ok"


def test_the_table_says_about_whom_its_intervals_are() -> None:
    made = talks(16)
    found = study(made, machine_codes(made, 0.4, 1))
    sample = by_hand(draw_units(found, 20, seed=3), truth(made, 1))
    wider, own = prevalence(found, sample), prevalence(found, sample, target="corpus")
    assert any("wider population" in note for note in wider.notes)
    assert not any("wider population" in note for note in own.notes)
    assert (wider.provenance["target"], own.provenance["target"]) == ("population", "corpus")
    assert own.provenance["sample_seed"] == "3"


def test_whole_transcripts_can_be_drawn() -> None:
    made = talks(16)
    found = study(made, machine_codes(made, 0.4, 1))
    line = row(found, by_hand(draw_units(found, 8, by="transcript"), truth(made, 1)))
    assert (line["status"], line["transcripts"], line["sampled_units"]) == ("ok", 8, 32)


def test_units_with_different_probabilities_are_weighted() -> None:
    made = talks(10)
    found = study(made, machine_codes(made, 0.4, 1))
    even = by_hand(draw_units(found, 20), truth(made, 1))
    units = tuple(replace(unit, probability=0.9 if at % 2 else 0.3) for at, unit in enumerate(even.units))
    one, two = row(found, even, method="difference"), row(found, replace(even, units=units), method="difference")
    assert one["estimate"] != two["estimate"]
    assert one["hand_share"] == two["hand_share"]
    table = prevalence(found, replace(even, units=units))
    assert any("different probabilities" in note for note in table.notes)


def test_what_a_person_decided_does_not_enter_as_the_machine() -> None:
    made = talks(2)
    found = [coding(made[0], "It rains 1.", "C", status="rejected"), coding(made[0], "It rains 2.", "C", status="coded"),
             coding(made[0], "Well?", "C")]  # fmt: skip
    assert row(study(made, found), None)["machine_units"] == 1
    assert row(study(made, []), None, machine=found[1:])["machine_units"] == 1


def test_an_interviewers_words_are_not_the_documents() -> None:
    talk = document(
        "talk", [("P", "participant", "It rains."), ("INT", "interviewer", "Trust?"), ("P", "participant", "No.")]
    )
    sample = HandSample((), unit="document")
    assert row(study([talk], [coding(talk, "Trust?", "C")]), sample)["machine_units"] == 0
    assert row(study([talk], [coding(talk, "No.", "C")]), sample)["machine_units"] == 1


def test_samples_of_something_else_are_refused() -> None:
    made = study(talks(3), [])
    sample = draw_units(made, 4)
    first = sample.units[0]
    with pytest.raises(AnalysisError, match=r"QC-A037.*no unit"):
        prevalence(made, HandSample((replace(first, span=Span(0, 3)),)))
    with pytest.raises(AnalysisError, match=r"QC-A037.*twice"):
        prevalence(made, HandSample((first, first)))
    with pytest.raises(AnalysisError, match=r"QC-A037.*'Z'"):
        prevalence(made, HandSample((replace(first, codes=frozenset({"Z"})),)))
    with pytest.raises(StatisticsError, match="QC-N080"):
        prevalence(made, HandSample((replace(first, probability=0.0, codes=frozenset()),)))
    with pytest.raises(StatisticsError, match="QC-N065"):
        prevalence(made, sample, method="guess")


def test_nothing_there_is_undefined() -> None:
    assert set(prevalence(study([], [])).column("status")) == {"undefined"}
    assert set(prevalence(study(talks(2), []), HandSample(())).column("status")) == {"undefined"}


@settings(max_examples=30)
@given(studies(), st.data())
def test_a_sample_of_everything_gives_the_persons_own_share(made: Study, data: st.DataObject) -> None:
    total = sum(int(line["of_units"] or 0) for line in prevalence(made, codes=["C"]))
    if not total:
        return
    sample = draw_units(made, total)
    codes = st.sampled_from([frozenset[str](), frozenset({"C"}), frozenset({"A1", "B11"})])
    full = replace(sample, units=tuple(replace(unit, codes=data.draw(codes)) for unit in sample.units))
    for line in prevalence(made, full, method="difference", target="corpus"):
        assert line["sampled_units"] == line["of_units"] == total
        if line["status"] == "ok":
            assert line["estimate"] == pytest.approx(line["hand_share"])
            assert line["low"] == pytest.approx(line["high"])
        else:
            assert line["reason"]
