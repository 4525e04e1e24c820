"""Changing a codebook in a project: the YAML is edited in place and the codings follow, in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import LedgerError
from qualcode.model.codes import Codebook
from qualcode.model.document import sha256_of
from qualcode.model.ledger import Draft, NewEntry, Operation
from qualcode.project.deciding import Decisions
from qualcode.project.standing import Held
from qualcode.review.choosing import find
from qualcode.review.deciding import moves, verdicts
from qualcode.review.passages import Standing, covers_of

if TYPE_CHECKING:
    from qualcode.codebook.diff import CodebookDiff
    from qualcode.codebook.edit import Edit
    from qualcode.model.table import Table

__all__ = ["Edited", "Editing"]


@dataclass(frozen=True, slots=True)
class Edited:
    """What a change of a codebook did (or, with ``dry_run``, would do).

    Attributes:
        summary: in a sentence.
        path: of the file.
        codes: how codings follow, old id to new.
        followed: how many decided passages follow, by the code they were under; what only waits follows too, until
            ``code`` suggests anew.
        decisions: how many decisions were written in the same step.
        impact: what changed in the book, with how many codings each change touches.
        operation: its id, which ``undo`` names; empty with ``dry_run``.
        adopted: whether the project got its own copy of a shipped codebook first.
        text: the new YAML.
        warnings: what is doubtful about the book now and was not before; rules that say otherwise than a new example;
            rejections that now speak against passages of another code.
    """

    summary: str
    path: Path
    codes: Mapping[str, str]
    followed: Mapping[str, int]
    decisions: int
    impact: Table
    operation: str = ""
    adopted: bool = False
    text: str = ""
    warnings: tuple[str, ...] = ()


class Editing(Decisions):
    """The verbs that change a codebook. All take ``codebook`` (the first if not given) and ``dry_run``."""

    def rename_code(
        self, code: str, *, to: str | None = None, label: str | None = None, keep_old_label: bool = False,
        codebook: str | None = None, dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Give a code another id, another label or both; everything that names it follows.

        Raises:
            CodebookError: when the new book would not be sound; nothing is changed then.
            ProjectError: QC-P035 when the codebook's file was changed while this ran.
        """
        from qualcode.codebook.edit import rename_code

        return self._edit(lambda text, who: rename_code(text, code, to=to, label=label, keep_old_label=keep_old_label,
                                                        **who), codebook, dry_run)  # fmt: skip

    def move_code(
        self, code: str, *, under: str | None, before: str | None = None, after: str | None = None,
        codebook: str | None = None, dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Put a code (with those below it) under another, or with ``None`` at the top."""
        from qualcode.codebook.edit import move_code

        return self._edit(lambda text, who: move_code(text, code, under=under, before=before, after=after, **who),
                          codebook, dry_run)  # fmt: skip

    def merge_codes(
        self, codes: Sequence[str], *, into: str, drop: bool = False, codebook: str | None = None,
        dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Merge codes into one: rules and examples are united and codings follow; the others are kept as retired."""
        from qualcode.codebook.edit import merge_codes

        return self._edit(lambda text, who: merge_codes(text, codes, into=into, drop=drop, **who), codebook, dry_run)

    def split_code(
        self, code: str, *, into: Sequence[tuple[str, str]], under: bool = True,
        rules: Mapping[str, Sequence[str]] | None = None, where: Mapping[str, str] | None = None,
        codebook: str | None = None, dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Split a code into new ones (id and label).

        Args:
            code: which.
            into: id and label of each new code.
            under: whether the new ones stand below the code; beside it if not.
            rules: ids of rules that go to a new code.
            where: a query for each new code: the person's codings that a hit touches go there, by the first query that
                does; the others, and other people's, stay under the code.
            codebook: one of the project's.
            dry_run: only say what would be done.
        """
        from qualcode.codebook.edit import split_code

        def follow(edited: Codebook) -> list[NewEntry]:
            held = self.held(codebook)
            left = [each for each in held.standings if each.code == code and each.status != "rejected"
                    and any(one.layer == self.person for one in each.judgements)]  # fmt: skip
            entries: list[NewEntry] = []
            for target in where or {}:
                if target not in edited:
                    raise LedgerError("QC-L028", f"{target!r} is none of the codes that {code} is split into",
                                      hint=f"They are: {', '.join(new for new, _ in into)}.")  # fmt: skip
            for target, query in (where or {}).items():
                hits: dict[str, list[tuple[int, int]]] = {}
                for document, span in self._hits(query, held.book):
                    hits.setdefault(document.id, []).append((span.start, span.end))
                chosen = [each for each in left if _touched(each, hits)]
                left = [each for each in left if not _touched(each, hits)]
                entries += moves(chosen, held.judgements, to=edited[target].id, person=self.person,
                                 reason=f"split of {code}", suggested=held.suggestions)  # fmt: skip
            return entries

        return self._edit(lambda text, who: split_code(text, code, into=into, under=under, rules=rules, **who),
                          codebook, dry_run, follow)  # fmt: skip

    def retire_code(
        self, code: str, *, replaced_by: str | None = None, note: str = "", codebook: str | None = None,
        dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Retire a code: it stays readable and suggests nothing more; with ``replaced_by`` its codings go there."""
        from qualcode.codebook.edit import retire_code

        return self._edit(lambda text, who: retire_code(text, code, replaced_by=replaced_by, note=note, **who),
                          codebook, dry_run)  # fmt: skip

    def add_code(
        self, id: str, label: str, *, parent: str | None = None, definition: str = "", brief: str = "",  # noqa: A002
        after: str | None = None, codebook: str | None = None, dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Add a code."""
        from qualcode.codebook.edit import add_code

        return self._edit(
            lambda text, who: add_code(text, id, label, parent=parent, definition=definition, brief=brief, after=after,
                                       by=who["by"], date=who["date"]),
            codebook, dry_run,
        )  # fmt: skip

    def define_code(
        self, code: str, definition: str, *, brief: str | None = None, codebook: str | None = None,
        dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Write another definition; ``blame`` calls codings made under the old one stale."""
        from qualcode.codebook.edit import set_definition

        return self._edit(lambda text, who: set_definition(text, code, definition, brief=brief, **who), codebook,
                          dry_run)  # fmt: skip

    def add_rule(
        self, code: str, query: str, *, id: str | None = None, note: str | None = None,  # noqa: A002
        codebook: str | None = None, dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Add a rule to a code."""
        from qualcode.codebook.edit import add_rule

        return self._edit(
            lambda text, who: add_rule(text, code, query, id=id, note=note, by=who["by"], date=who["date"]),
            codebook,
            dry_run,
        )

    def remove_rule(self, code: str, rule: str, *, codebook: str | None = None, dry_run: bool = False) -> Edited:
        """Take a rule (its id) out of a code."""
        from qualcode.codebook.edit import remove_rule

        return self._edit(lambda text, who: remove_rule(text, code, rule, **who), codebook, dry_run)

    def near_miss(
        self, id: str, *, why: str, kind: str = "near_miss", codebook: str | None = None,  # noqa: A002
        dry_run: bool = False,
    ) -> Edited:  # fmt: skip
        """Write a passage into its code's examples; one that waits is rejected in the same step (``why`` says why).

        Args:
            id: of the passage, as ``codings`` lists it.
            why: the reason, which is written beside the example.
            kind: ``near_miss``, or ``typical`` or ``atypical``, which accepts what waits.
            codebook: one of the project's.
            dry_run: only say what would be done.

        Raises:
            LedgerError: QC-L028 for another kind; as :meth:`~Decisions.reject` for the id.
            CodebookError: when the code has this example already; nothing is changed then.
        """
        from qualcode.codebook.edit import add_example

        if kind not in ("near_miss", "typical", "atypical"):
            raise LedgerError("QC-L028", f"there is no kind of example {kind!r}",
                              hint="One of: near_miss, typical, atypical.")  # fmt: skip
        held = self.held(codebook)
        chosen = find(held.standings, id)
        self._check_unsettled([chosen])
        words = " ".join(chosen.passage.quote.split())
        warnings: list[str] = []

        def decide(edited: Codebook) -> list[NewEntry]:
            warnings.extend(_contradictions(edited, chosen.code, words))
            return list(verdicts([chosen], held.judgements, kind="reject" if kind == "near_miss" else "accept",
                                 person=self.person, reason=why))  # fmt: skip

        done = self._edit(
            lambda text, who: add_example(text, chosen.code, words, kind=kind, why=why or None, **who),  # type: ignore[arg-type] # checked above
            codebook, dry_run, decide,
        )  # fmt: skip
        return replace(done, warnings=(*done.warnings, *warnings))

    def touched(self, difference: CodebookDiff, *, codebook: str | None = None) -> Table:
        """Return what a difference between two wordings of a codebook touches: its changes with decided codings each.

        Raises:
            ProjectError: QC-P007 when the project has no such codebook.
        """
        from qualcode.codebook.touches import impact

        held = self.held(codebook)
        return impact(difference, _decided((*held.standings, *held.lost)))

    def _edit(
        self,
        change: Callable[[str, dict[str, str]], Edit],
        codebook: str | None,
        dry_run: bool,
        follow: Callable[[Codebook], Sequence[NewEntry]] | None = None,
    ) -> Edited:
        from qualcode.codebook.load import parse_codebook
        from qualcode.codebook.touches import impact
        from qualcode.project.project import today

        held = self.held(codebook)
        path, adopted = self._own_file(held.book)
        before = Path(held.book.path or "").read_bytes()
        if adopted:
            self._check_adoptable(path, before)
        edit = change(before.decode("utf-8-sig"), {"by": self.person, "date": today()})
        mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
        after = mark + edit.text.encode("utf-8")
        counts = _decided(held.standings)
        edited = parse_codebook(after, file=str(path), variant=held.book.variant).codebook
        extra = list(follow(edited)) if follow is not None else []
        inside = path.relative_to(self.folder).as_posix()
        content = {
            "path": inside,
            "before": sha256_of(before),
            "after": sha256_of(after),
            "codes": dict(edit.codes),
            "added": [each.id for each in edited if each.id not in held.book],
            "changed": sorted({each.code for each in edit.changes.of_kind("meaning") if each.code}),
        }
        entries = [NewEntry("codebook", codebook=held.book.id, content=content), *extra]
        operation: Operation | None = None
        if not dry_run:
            if adopted:
                self._adopt(held.book, path, before)
            with self._store() as store:
                operation = store.record(
                    Draft("codebook", self.person, tuple(entries), edit.summary),
                    codebooks=[before, after],
                    files=[(inside, sha256_of(before), sha256_of(after))],
                    check=lambda: self._check_unchanged(store, path, before),
                )
            self._finish_files()
        return Edited(
            edit.summary,
            path,
            dict(edit.codes),
            {old: counts[old] for old in edit.codes if old in counts},
            len(extra),
            # What follows needs no second look: only the codings that stay are told as touched.
            impact(edit.changes, {code: count for code, count in counts.items() if code not in edit.codes}),
            operation.id if operation is not None else "",
            adopted,
            edit.text,
            (*(str(each) for each in edit.warnings), *_refusals(held, edit.codes, edited)),
        )


def _decided(standings: Iterable[Standing]) -> dict[str, int]:
    """Return how many passages are decided under each code; what waits is suggested anew."""
    counts: dict[str, int] = {}
    for each in standings:
        if each.judgements:
            counts[each.code] = counts.get(each.code, 0) + 1
    return counts


def _refusals(held: Held, codes: Mapping[str, str], edited: Codebook) -> Iterator[str]:
    """Yield a sentence for each code that goes into another and whose rejections lie on passages of that one."""
    for old, new in codes.items():
        if new not in held.book or new not in edited:  # a new name: they are still about the same
            continue
        covers = covers_of(((each.passage.document_id, "", ""), each.passage.span) for each in held.judgements
                           if each.code == old and each.verdict == "rejected" and not each.orphan)  # fmt: skip
        under = [each for each in held.standings if each.code == new and each.status != "rejected"
                 and (cover := covers.get((each.passage.document_id, "", ""))) is not None
                 and cover.touches(each.passage.span)]  # fmt: skip
        marked = sum(1 for each in under if each.judgements)
        waiting = len(under) - marked
        if waiting:
            yield (f"{waiting} passage{'s' * (waiting != 1)} suggested for {new} will not wait any more: as {old} "
                   "somebody rejected them")  # fmt: skip
        if marked:
            yield (f"{marked} passage{'s' * (marked != 1)} marked as {new} will be contested where somebody else "
                   f"rejected {'them' if marked != 1 else 'it'} as {old}")  # fmt: skip


def _touched(standing: Standing, hits: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    span = standing.passage.span
    return any(start < span.end and span.start < end for start, end in hits.get(standing.passage.document_id, ()))


def _contradictions(book: Codebook, code: str, words: str) -> Iterable[str]:
    """Yield a sentence when the rules of a code say otherwise than the example with these words."""
    from qualcode.coding.rules.examples import run_examples

    for row in run_examples(book, code).rows:
        if row.text != words or row.expected in (None, row.hit):
            continue
        if row.hit:
            yield (f"The rules of {code} still suggest this passage ({', '.join(row.rules)}): mend them, then try "
                   "them: qualcode codebook test")  # fmt: skip
        else:
            yield f"No rule of {code} reaches this passage yet; write one, then try it: qualcode codebook test"
