"""A topic quiz: the sheet that people fill in, the key that they do not see, and reading what they answered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import Place, Problem, ProjectError

if TYPE_CHECKING:
    from qualcode.coding.topics.quiz import Answer, Quiz

__all__ = ["key_name", "read_answers", "sheet_csv"]

_ASKED = {
    "word": "Which word does not belong to the others?",
    "topic": "Which list of words does not fit the passage?",
}


def key_name(quiz: str) -> str:
    """Return the name of the file that holds a quiz's key."""
    return f"topic-quiz-{quiz}.key.json"


def sheet_csv(quiz: Quiz) -> str:
    """Return the sheet as CSV: a row a question, an empty column ``answer``; nothing in it tells the answers."""
    from qualcode.coding.topics.quiz import LETTERS

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["quiz", "question", "asked", "passage", *LETTERS, "answer"])
    for item in quiz.items:
        options = [*item.options, *[""] * (len(LETTERS) - len(item.options))]
        passage = f"\u200b{item.passage}" if item.passage[:1] in {"=", "+", "-", "@"} else item.passage
        writer.writerow([quiz.id, item.number, _ASKED[item.task], passage, *options, ""])
    return out.getvalue()


def read_answers(files: Sequence[Path | str]) -> tuple[str, tuple[Answer, ...]]:
    """Return the id of the quiz and what each person answered; a person is called as the file is.

    An answer is a letter, or the words of the option; an empty cell is no answer.

    Raises:
        ProjectError: QC-P052 when a file cannot be read, is no sheet of a quiz, or belongs to another quiz than the
            first; with every cell that is no letter.
    """
    from qualcode.coding.topics.quiz import LETTERS, Answer

    quizzes: dict[str, Path] = {}
    people: dict[str, Path] = {}
    found: list[Answer] = []
    problems: list[Problem] = []
    for path in map(Path, files):
        person = path.name.split(".")[0]
        if person in people:
            raise _unsound(f"two files are called {person}, and a person is called as the file is", path)
        people[person] = path
        for line, row in _rows(path):
            quizzes.setdefault(row["quiz"], path)
            cell = " ".join(row["answer"].split())
            options = [row.get(letter.casefold(), "") for letter in LETTERS]
            letter = cell.upper().rstrip(".)")
            chosen = LETTERS.index(letter) if letter and letter in LETTERS else -1
            if chosen < 0 and cell:
                chosen = next((at for at, each in enumerate(options) if each.casefold() == cell.casefold()), -1)
            if not row["question"].isdecimal() or (cell and (chosen < 0 or not options[chosen])):
                problems.append(Problem("QC-P052", f"{cell or row['question']!r} is no answer to a question",
                                        Place(str(path), line), "Write one of its letters."))  # fmt: skip
            elif cell:
                found.append(Answer(person, int(row["question"]), chosen))
    if problems:
        raise ProjectError("QC-P052", "answers cannot be read; none was counted:", problems=problems)
    if len(quizzes) != 1:
        told = "the files are of different quizzes" if quizzes else "there is no question in it"
        raise _unsound(told, *(quizzes.values() or people.values()))
    return next(iter(quizzes)), tuple(found)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the filled lines of a sheet with their numbers, by the names of the columns."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unsound(f"it cannot be read: {error.strerror or error}", path) from error
    lines = _of_workbook(data, path) if data.startswith(b"PK") else _of_text(data)
    head: list[str] = []
    for number, cells in lines:
        if not head:
            head = [each.strip().casefold() for each in cells]
            if not {"quiz", "question", "answer"} <= set(head):
                raise _unsound("the columns quiz, question and answer are missing", path)
        elif any(each.strip() for each in cells):
            row = dict(zip(head, [*(each.strip() for each in cells), *[""] * len(head)], strict=False))
            yield number, row


def _of_text(data: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # as Excel saves "CSV"; only ids and letters are read from it
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    for row in reader:
        yield reader.line_num, row


def _of_workbook(data: bytes, path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    from qualcode.ingest.workbook import sheets_of

    for sheet in sheets_of(data, name=str(path))[:1]:
        for row in sheet.rows:
            yield row.number, row.cells


def _unsound(told: str, *paths: Path) -> ProjectError:
    return ProjectError(
        "QC-P052",
        f"this is no sheet of a topic quiz: {told}",
        where=", ".join(map(str, paths)) or None,
        hint="Keep its first line, write letters into the column 'answer', and save as CSV or XLSX.",
    )
