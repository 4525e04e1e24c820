"""Topics of a project: told in tables and pages, tested on people, and turned into candidates for codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from qualcode.errors import CodingError, ProjectError
from qualcode.project.editing import Edited
from qualcode.project.topicmodels import TopicModels, TopicOptions, TopicStudy
from qualcode.project.writing import check_replaceable, write_together

if TYPE_CHECKING:
    from qualcode.codebook.new import Candidate
    from qualcode.coding.topics.quiz import Quiz
    from qualcode.model.table import Table
    from qualcode.report.model import TopicChapter

__all__ = ["Topics"]


class Topics(TopicModels):
    """The verbs of ``qualcode topics``."""

    def topic_table(
        self, k: int | None = None, *, by: str | None = None, confidence: float = 0.95, **options: Unpack[TopicOptions]
    ) -> Table:
        """Return the topics as a table; with ``by``, their shares in each group of cases, with intervals.

        Raises:
            AnalysisError: QC-A004 when nobody has the attribute. ProjectError, CodingError: as :meth:`topics`.
        """
        from qualcode.analysis.topics import topics, topics_by

        made = self.topics(k, **options)
        if by is None:
            return topics(made.study, made.sheet)
        return topics_by(made.study, made.sheet, made.pooled, by, others=made.others, confidence=confidence)

    def topics_page(
        self,
        path: Path | str | None = None,
        *,
        k: int | None = None,
        of: TopicStudy | None = None,
        date: str | None = None,
        dry_run: bool = False,
        **options: Unpack[TopicOptions],
    ) -> Path:
        """Write the topic sheet as a page, ``output/topics.html`` unless given, and return where.

        It is of the model that ``of`` tells (:meth:`topics`), or of the one that ``k`` and the options ask for.

        Raises:
            ProjectError: QC-P013 when another file is in the way; as :meth:`topics`.
            ExportError: QC-E020 when it cannot be written.
        """
        from qualcode.project.project import today
        from qualcode.report.topics import TOPICS_MARK, topics_html, topics_page

        target = self._target(path, "topics.html")
        check_replaceable(target, TOPICS_MARK)
        made = of if of is not None else self.topics(k, **options)
        page = topics_html(topics_page(made.study, made.sheet, made.pooled, made.codes, date=date or today()))
        if not dry_run:
            write_together({target: page})
        return target

    def report_topics(self, k: int | None = None, *, codebook: str | None = None) -> TopicChapter | None:
        """Return what the report's chapter on topics says: ``k`` topics, or those of the recipe's coder ``topics``.

        ``None`` when the study did not ask for topics: no number is given, and the recipe has no such coder, or the
        coder has nothing to say, because there is too little talk.
        """
        from qualcode.coding.topics.coder import is_too_little
        from qualcode.report.topics import topic_chapter

        recipe = next((each.parameters for each in self.settings.coders if each.name == "topics"), None)
        options: TopicOptions = {"codebook": codebook}
        if k is None:
            if recipe is None:
                return None
            asked: Any = {"seed": 0} | {_OF_CODER[name]: each for name, each in recipe.items() if name in _OF_CODER}
            options.update(asked)
            try:
                made = self._topics_of_coder(recipe.get("k"), options)
            except CodingError as error:
                if is_too_little(error, recipe.get("k")):
                    return None
                raise
        else:
            made = self.topics(k, **options)
        return topic_chapter(made.study, made.sheet, made.pooled, made.codes)

    def _topics_of_coder(self, k: Any, options: TopicOptions) -> TopicStudy:
        """Return the model that the coder ``topics`` finds its passages with; ``k`` as its parameter."""
        from qualcode.coding.topics.coder import FREE
        from qualcode.coding.topics.seeding import heard, seeds_of

        book, pooled = self._pooled(options)
        seeds = seeds_of(book, options.get("codes"))
        number = len(seeds) + FREE if k is None else int(str(k))
        drawn = heard(pooled, seeds)
        if drawn:
            options["free"] = number - len(drawn)
            return self.topics(None, **options)
        options.pop("codes", None)
        return self.topics(number, **options)

    def topic_candidates(
        self, topics: Sequence[int], k: int | None = None, **options: Unpack[TopicOptions]
    ) -> tuple[Candidate, ...]:
        """Return topics (their numbers, from 1) as codes that might be: seed words, and passages with their places.

        Raises:
            ProjectError: QC-P051 for a topic that the model does not have; as :meth:`topics`.
        """
        from qualcode.codebook.new import Candidate
        from qualcode.coding.topics.sheet import typical_passages

        made = self.topics(k, **options)
        missing = [each for each in topics if not 1 <= each <= made.model.k]
        if missing:
            raise ProjectError("QC-P051", f"the model has no topic {missing[0]}", where=str(self.folder),
                               hint=f"It has topics 1 to {made.model.k}.")  # fmt: skip
        passages = typical_passages(made.model, made.pooled, EXAMPLES)
        found = []
        for number in topics:
            entry = made.sheet.entries[number - 1]
            places = tuple((quote.text, _place(quote)) for quote in passages[number - 1])
            told = (
                f"Topic {number} of {made.model.k} in {self.title} ({_fitted_how(made)}).",
                f"It takes the greatest part of {entry.segments} of {made.sheet.segments} segments: "
                f"{entry.documents} of {made.sheet.documents} documents, {entry.speakers} of "
                f"{made.sheet.speakers} speakers.",
                f"Its words: {', '.join(word.word for word in entry.words)}.",
            )  # fmt: skip
            found.append(Candidate(f"T{number}", entry.label, tuple(word.word for word in entry.words[:SEEDS]), places,
                                   told))  # fmt: skip
        return tuple(found)

    def add_code_from_topic(
        self, topic: int, id: str, label: str, *, parent: str | None = None, definition: str = "",  # noqa: A002
        brief: str = "", after: str | None = None, k: int | None = None, dry_run: bool = False,
        **options: Unpack[TopicOptions],
    ) -> Edited:  # fmt: skip
        """Add a code to a codebook with the words of a topic as seeds and its passages as examples.

        The name and the definition are a person's. Everything else in the file stays as it is.

        Raises:
            ProjectError: QC-P051 for a topic that the model does not have; as :meth:`topics`.
            CodebookError: when the new book would not be sound; nothing is changed then.
        """
        from qualcode.codebook.edit import add_code

        (found,) = self.topic_candidates([topic], k, **options)
        return self._edit(
            lambda text, who: add_code(text, id, label, parent=parent, definition=definition, brief=brief, after=after,
                                       origin="data", typical=found.typical, seeds=found.seeds,
                                       notes=" ".join(found.told[:2]), by=who["by"], date=who["date"]),
            options.get("codebook"), dry_run,
        )  # fmt: skip

    def topic_quiz(
        self,
        path: Path | str,
        *,
        k: int | None = None,
        of: TopicStudy | None = None,
        passages: int = 12,
        quiz_seed: int = 0,
        dry_run: bool = False,
        **options: Unpack[TopicOptions],
    ) -> tuple[Quiz, Path]:
        """Write a quiz on the topics for people, and its key into ``output/``; return the quiz and where the key is.

        Args:
            path: of the sheet: ``.html`` to print and fill in on paper, else CSV. Everybody gets a copy.
            k: number of topics; or ``of``: the model that is told there.
            of: what :meth:`topics` returned.
            passages: questions with a passage.
            quiz_seed: of chance in the quiz; that of the model is ``seed``.
            dry_run: write nothing.
            options: as in :class:`TopicOptions`.

        Raises:
            ProjectError: QC-P040 when there is a file at ``path``, which may be filled in; as :meth:`topics`.
            CodingError: QC-K081 when nothing can be asked.
        """
        from qualcode.coding.topics.quiz import make_quiz
        from qualcode.project.quizzes import key_name, sheet_csv

        target = Path(path)
        if target.exists():
            raise ProjectError("QC-P040", "there is a file already, which may be filled in", where=str(target),
                               hint="Give the sheet another name.")  # fmt: skip
        made = of if of is not None else self.topics(k, **options)
        about = f"{made.model.k} topics of {self.title}"
        quiz = make_quiz(made.model, made.pooled, seed=quiz_seed, passages=passages, about=about)
        if target.suffix.casefold() in {".html", ".htm"}:
            from qualcode.report.topicquiz import quiz_html

            sheet = quiz_html(quiz)
        else:
            sheet = sheet_csv(quiz)
        key = self.folder / "output" / key_name(quiz.id)
        if not dry_run:
            write_together({target: sheet, key: quiz.key()})
        return quiz, key

    def mark_topic_quiz(self, files: Sequence[Path | str]) -> Table:
        """Return how often people found the intruder; each person's answers are a file, called as the person is.

        Raises:
            ProjectError: QC-P052 for a file that is no sheet of a quiz, QC-P053 when the key is not in ``output/``.
            CodingError: QC-K083 when nobody answered anything.
        """
        from qualcode.analysis.topics import topic_quiz
        from qualcode.coding.topics.quiz import Quiz, mark_quiz
        from qualcode.project.quizzes import key_name, read_answers

        name, answers = read_answers(files)
        path = self.folder / "output" / key_name(name)
        try:
            quiz = Quiz.from_key(path.read_text(encoding="utf-8"))
        except OSError:
            raise ProjectError("QC-P053", f"the key of the quiz {name} is not there", where=str(path),
                               hint="Put it back, or write the quiz again as before.") from None  # fmt: skip
        return topic_quiz(mark_quiz(quiz, answers), notes=quiz.notes)


_OF_CODER = {"kind": "kind", "seed": "seed", "by": "pool", "words": "words", "codes": "codes"}
"""What the coder's parameters are called here."""
EXAMPLES, SEEDS = 6, 8
"""At most so many passages and words of a topic that a candidate for a code begins with."""


def _place(quote: Any) -> str:
    who = f"{quote.speaker} in " if quote.speaker else ""
    return f"{who}{quote.document}, turn {quote.block}, characters {quote.span.start}–{quote.span.end}"


def _fitted_how(made: TopicStudy) -> str:
    kinds = {"nmf": "NMF", "lda": "LDA by gensim", "tomotopy": "LDA by tomotopy"}
    pooled = made.pooled.settings
    cut = {"run": "speakers' runs", "question": "answers", "window": "sliding windows"}[str(pooled["by"])]
    return f"{kinds[made.model.kind]}, seed {made.model.seed}, {cut} of about {pooled['words']} words"
