"""A topic quiz to print and fill in on paper."""

from __future__ import annotations

from qualcode.coding.topics.quiz import LETTERS, Quiz
from qualcode.report.render import rendered

__all__ = ["quiz_html"]


def quiz_html(quiz: Quiz) -> str:
    """Return the sheet as one HTML page without script; nothing in it tells the answers."""
    words = [(item.number, "", list(zip(LETTERS, item.options, strict=False)))
             for item in quiz.items if item.task == "word"]  # fmt: skip
    passages = [(item.number, item.passage, list(zip(LETTERS, item.options, strict=False)))
                for item in quiz.items if item.task == "topic"]  # fmt: skip
    return rendered("topicquiz.html.j2", id=quiz.id, about=quiz.about, words=words, passages=passages)
