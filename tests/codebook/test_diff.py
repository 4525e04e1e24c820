"""What is told about two versions of a codebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.codebook import diff_codebooks
from tests.codebook.books import book, load, write

OLD = book("""\
lexicons: {staff: [teacher, head]}
defaults: {threshold: 0.5}
codes:
  - {id: A, label: Top, definition: d}
  - id: A1
    label: Trust
    parent: A
    definition: People rely on one another.
    include: [one]
    exclude: [x]
    examples: {typical: [We do.], near_miss: [The trust.]}
    rules: [trust, {find: rely, weight: 0.6}]
  - {id: A2, label: Gone, definition: d}
""")


def changed(*pairs: tuple[str, str]) -> list[tuple[str, str, str, str]]:
    text = OLD
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    found = diff_codebooks(load(OLD), load(text))
    return [(each.code, each.kind, each.part, each.action) for each in found.changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("label: Trust", "label: Faith", ("A1", "wording", "label", "changed")),
        ("    parent: A\n", "", ("A1", "structure", "parent", "removed")),
        ("rely on one another.", "rely on a colleague.", ("A1", "meaning", "definition", "changed")),
        ("rely on one another.", "rely on one another", ("A1", "wording", "definition", "changed")),
        ("[one]", "[one, two]", ("A1", "meaning", "include", "added")),
        ("[x]", "[]", ("A1", "meaning", "exclude", "removed")),
        ("[We do.]", "[We do., We did.]", ("A1", "meaning", "examples.typical", "added")),
        ("[trust, ", "[", ("A1", "rules", "rules", "removed")),
        ("[trust, ", "[trust, faith, ", ("A1", "rules", "rules", "added")),
        ("weight: 0.6", "weight: 0.7", ("A1", "rules", "rules", "changed")),
        ("    rules:", "    threshold: 0.4\n    rules:", ("A1", "rules", "threshold", "added")),
        ("threshold: 0.5", "threshold: 0.4", ("", "rules", "threshold", "changed")),
        ("[teacher, head]", "[teacher]", ("", "rules", "$staff", "removed")),
        ("label: Gone,", "label: Gone, status: retired, notes: n,", ("A2", "structure", "status", "changed")),
        ("  - {id: A2, label: Gone, definition: d}\n", "", ("A2", "structure", "code", "removed")),
    ],
)
def test_each_change_has_its_kind(before: str, after: str, expected: tuple[str, str, str, str]) -> None:
    assert expected in changed((before, after))


def test_the_lists_name_the_codes() -> None:
    new = OLD.replace("    parent: A\n", "").replace("label: Trust", "label: Faith").replace("id: A2", "id: A3")
    found = diff_codebooks(load(OLD), load(new))
    assert (found.added, found.removed, found.moved, found.relabelled) == (("A3",), ("A2",), ("A1",), ("A1",))
    assert found.retired == ()
    table = found.to_table()
    assert len(table) == len(found.changes)
    assert table.column("kind") == tuple(each.kind for each in found.changes)
    assert "structure (which codes there are" in str(found)
    assert "A1 Faith: label: Trust → Faith" in str(found)


def test_order_blank_lines_and_comments_are_no_change(tmp_path: Path) -> None:
    first, *others = OLD.split("  - ")
    path = write(
        tmp_path, "# a comment\n" + "  - ".join([first, *reversed([part.rstrip("\n") + "\n\n" for part in others])])
    )
    found = diff_codebooks(load(OLD), path)
    assert not found
    assert "say the same" in str(found)


def test_paths_are_compared_with_all_their_variants() -> None:
    found = diff_codebooks("leithwood-olf@olf-2012", "leithwood-olf")
    assert "P3.4" in found.added
    assert found.removed == ()
