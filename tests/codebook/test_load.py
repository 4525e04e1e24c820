"""What a sound codebook file becomes."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook, load_with_warnings
from qualcode.errors import CodebookError
from qualcode.model.codes import Guidance, Rule
from tests.codebook.books import book, codes, load, write

FULL = book("""\
language: en-GB
licence: CC-BY-4.0
description: >-
  Folded
  text.
default_variant: late
variants:
  - {id: early, date: 2012, title: The first}
  - {id: late, date: 2013-09}
sources:
  - {id: S1, text: "Somebody (2012): a title"}
facets:
  - {id: stance, values: [present, absent, mixed], default: present}
attributes:
  - {name: grade, type: text, allowed: [1, yes, RI]}
defaults: {unit: turn, roles_left_out: [observer], overlaps: all, threshold: 0.4, combine: sum}
lexicons:
  staff: [teacher, "head teacher", 'TA*']
cues:
  negation: {scope: sentence, cues: [no, never, "n't"], exempt: ["no doubt"]}
crosswalks:
  - to: other-book
    links: [{from: A1, to: X1, relation: narrow}, {from: A2, to: X2, relation: exact}]
changelog:
  - {date: 2026-11-22, by: us, change: first}
codes:
  - id: A
    label: Heading
    codable: no
    definition: x
  - id: A1
    label: Trust
    alt_labels: [faith]
    parent: A
    origin: merged
    status: active
    brief: b
    definition: The late wording.
    revised: [{variant: early, definition: The early wording.}]
    include: [plain text]
    exclude: [{text: "not this", see: A2}]
    sources: [S1]
    figures: [{name: effect, value: 0.84, n: 6 studies, source: S1}]
    often_with: [A2]
    examples:
      typical: [One., {text: Two., why: because, question: What?, source: invented}]
      atypical: [Three.]
      near_miss: [Four.]
    rules:
      - trust
      - "on board"
      - {id: special, find: '$staff NEAR/3 rely', weight: 0.5, set: {stance: mixed},
         stance: {absent: [broken, "let down"]}, unit: sentence, note: why}
      - tokens: [{LOWER: on}, {IS_PUNCT: true, OP: "?"}, {LENGTH: 3}]
    threshold: 0.9
    combine: noisy_or
    seeds: {words: [trust, no], weight: 1, exclude_words: [hospital]}
    notes: n
  - id: A2
    label: Other
    variants: [late]
    definition: d
""")


def test_every_key_arrives_in_the_codebook() -> None:
    found = load(FULL)
    assert (found.id, found.version, found.variant, found.unit, found.overlaps) == ("plc", "1.0", "late", "turn", "all")
    assert (found.threshold, found.combine, found.roles_left_out) == (0.4, "sum", ("observer",))
    assert found.description == "Folded text."
    assert found.variants[0].date == "2012"
    assert found.facets[0].default == "present"
    assert found.lexicons == {"staff": ("teacher", '"head teacher"', "TA*")}
    assert found.cues["negation"].cues == ("no", "never", '"n\'t"')
    assert found.cues["negation"].exempt == ('"no doubt"',)
    assert found.changelog[0].date == "2026-11-22"
    assert [link.target for link in found.crosswalks[0].links] == ["X1", "X2"]
    code = found["A1"]
    assert not found["A"].codable
    assert code.exclude == (Guidance("not this", "A2"),)
    assert code.figures[0].value == "0.84"
    assert code.examples.typical[1].question == "What?"
    lines = ["", *FULL.splitlines()]
    assert "typical:" in lines[code.examples.typical[1].line or 0]
    assert lines[code.line or 0] == "  - id: A1"
    assert (code.threshold, code.combine, code.seeds.weight) == (0.9, "noisy_or", 1.0)
    assert code.seeds.words == ("trust", "no")
    assert [rule.id for rule in code.rules] == ["A1-1", "A1-2", "special", "A1-4"]
    assert code.rules[1].find == '"on board"'
    line = next(number for number, text in enumerate(lines) if "special" in text)
    assert code.rules[2] == Rule(
        id="special",
        find="$staff NEAR/3 rely",
        weight=0.5,
        set={"stance": "mixed"},
        stance={"absent": ("broken", '"let down"')},
        unit="sentence",
        note="why",
        line=line,
        column=9,
    )
    assert code.rules[3].tokens == ({"LOWER": "on"}, {"IS_PUNCT": True, "OP": "?"}, {"LENGTH": 3})


def test_yaml_traps_stay_words() -> None:
    found = load(
        book(
            "lexicons: {yes: [no, yes, on, off, null, 1.0, 2026-11-22, ~, true, 0x1F]}\n"
            "attributes: [{name: n, allowed: [no, 1, 1.50]}]\ncodes: []\n"
        ).replace('"1.0"', "1.10")
    )
    words = ("no", "yes", "on", "off", "null", "1.0", "2026-11-22", "~", "true", "0x1F")
    assert found.lexicons["yes"] == words
    assert found.attributes[0].allowed == ("no", "1", "1.50")
    assert found.version == "1.10"


@pytest.mark.parametrize(
    ("written", "query"),
    [
        ("on board", "on board"),
        ("'on board'", "on board"),
        ('"on board"', '"on board"'),
        ("""'"on board" | keen'""", '"on board" | keen'),
        ('"head teacher*"', '"head teacher*"'),
        (r'"the \"new\" plan"', r'"the \"new\" plan"'),
        (r'"caf\u00e9 talk"', '"café talk"'),
        ("trust's", "trust's"),
        ("'the trust''s'", "the trust's"),
        ("no", "no"),
        ("{find: no}", "no"),
        ('{find: "on board"}', '"on board"'),
    ],
)
def test_the_style_of_a_rule_decides_what_it_means(written: str, query: str) -> None:
    assert load(codes(written))["A1"].rules[0].find == query


def test_a_variant_has_its_codes_wording_and_relations() -> None:
    early, late, both = (load(FULL, variant=name) for name in ("early", "late", "all"))
    assert [code.id for code in early] == ["A", "A1"]
    assert early["A1"].definition == "The early wording."
    assert early["A1"].often_with == ()
    assert early["A1"].exclude == (Guidance("not this", None),)
    assert [link.source for link in early.crosswalks[0].links] == ["A1"]
    assert late["A1"].definition == "The late wording."
    assert both.variant is None
    assert [code.id for code in both] == ["A", "A1", "A2"]


def test_an_unknown_variant_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(CodebookError, match=r"QC-C025.*Did you mean 'early'") as caught:
        load(FULL, variant="erly")
    assert caught.value.code == "QC-C025"
    with pytest.raises(CodebookError, match="has no variants"):
        load(book("codes: []\n"), variant="late")


def test_a_path_can_name_a_variant(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    assert load_codebook(path).variant == "late"
    assert load_codebook(f"{path}@early").variant == "early"
    assert load_codebook(str(path), variant="early").path == str(path)
    assert load_codebook(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(CodebookError, match="two variants"):
        load_codebook(f"{path}@early", variant="late")


def test_a_shipped_book_is_found_by_name() -> None:
    assert load_codebook("leithwood-olf@olf-2012").variant == "olf-2012"
    with pytest.raises(CodebookError, match="Did you mean 'leithwood-olf'"):
        load_codebook("leithwod-olf")


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match=r"QC-C001.*no such file"):
        load_codebook(tmp_path / "none.yaml")
    with pytest.raises(CodebookError, match=r"QC-C001.*folder"):
        load_codebook(tmp_path)


def test_anchors_aliases_and_merges_are_written_out() -> None:
    found = load(
        book(
            "lexicons: {a: &words [x, y], b: *words}\n"
            "codes:\n"
            "  - &one {id: A, label: One, origin: data, definition: d}\n"
            "  - {<<: *one, id: B, label: Two}\n"
        )
    )
    assert found.lexicons["b"] == ("x", "y")
    assert (found["B"].origin, found["B"].definition) == ("data", "d")


def test_keys_without_a_value_are_as_if_absent() -> None:
    found = load(book("lexicons:\ncodes:\n  - id: A\n    label: L\n    rules:\n    parent: ~\n    notes: null\n"))
    assert found["A"].rules == ()
    assert found["A"].parent is None


def test_a_codebook_travels_to_another_process() -> None:
    found = load(FULL)
    assert pickle.loads(pickle.dumps(found)) == found


def test_windows_files_load_the_same() -> None:
    plain = load(FULL)
    found = load("\ufeff" + FULL.replace("\n", "\r\n"))
    assert [code.rules for code in found] == [code.rules for code in plain]


def test_warnings_come_with_the_book(tmp_path: Path) -> None:
    result = load_with_warnings(write(tmp_path, codes("trust", "trust")))
    assert "QC-C104" in {warning.code for warning in result.warnings}
    assert {warning.severity for warning in result.warnings} == {"warning"}


def test_importing_the_package_loads_neither_yaml_nor_pydantic() -> None:
    heavy = "{'yaml', 'pydantic', 'spacy', 'lark'}"
    program = f"import sys, qualcode.codebook, qualcode.resources; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_public_name_can_be_imported() -> None:
    import qualcode.codebook as package

    for name in package.__all__:
        assert getattr(package, name) is not None
    assert list(package.__all__) == sorted(package.__all__)
    with pytest.raises(AttributeError):
        _ = package.nothing  # type: ignore[attr-defined]
