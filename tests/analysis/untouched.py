"""Made-up interviews in which people talk about buses, dinners and gardens, and the codes know of trust only."""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.analysis.study import Study, study_of
from qualcode.codebook.bank import BankExample, ExampleBank, NoneExample
from qualcode.coding.base import Corpus
from qualcode.model.codes import Code, Codebook
from qualcode.model.coding import Coding, Status
from qualcode.model.document import Document, Span
from tests.analysis.studies import coding_at
from tests.builders import Turn, document

__all__ = ["BANK", "BOOK", "TOPICS", "codings_of", "interviews", "made_study", "topic_of"]

BOOK = Codebook(
    "trusting", "1.0", "A book about trust",
    (
        Code("T", "Trust", definition="People trust each other and keep their promises."),
        Code("D", "Dinners", definition="What pupils eat: dinner, soup, pudding, the kitchen and its cook."),
    ),
    sha256="0" * 64,
)  # fmt: skip

TOPICS = {
    "bus": (
        "The bus was late and the driver never waits at the stop.",
        "Every morning the driver of the bus drives past our stop.",
        "They changed the bus route, so the stop is a mile away now.",
        "A new driver came and the bus route was shorter.",
        "The bus stop has no roof and the driver knows it.",
        "Half the class missed the bus at that stop in winter.",
    ),
    "dinner": (
        "The cook in the kitchen makes the soup thin and the pudding thick.",
        "Dinner is soup and pudding, and the kitchen closes early.",
        "Our cook left, so the kitchen sends cold soup for dinner.",
        "No child eats that pudding, whatever the cook says at dinner.",
        "The kitchen burnt the soup and the cook cried over the pudding.",
        "Dinner money paid for a cook and a bigger kitchen.",
    ),
    "garden": (
        "We planted beans in the garden and the slugs ate the seeds.",
        "The garden has a pond, a shed and a row of beans.",
        "Slugs are in the garden shed, and nobody planted new seeds.",
        "In spring the pond froze and the beans in the garden died.",
        "He dug the garden by the shed and planted seeds for beans.",
        "The pond in the garden is where the slugs and the seeds go.",
    ),
}
BANK = ExampleBank(
    "trusting", (),
    tuple(BankExample(f"t{n}", "T", "typical", text) for n, text in enumerate((
        "I could rely on them to keep a promise.", "We trust one another to do what we said.",
        "The promises were kept and people rely on it.",
    ))),
    (
        NoneExample("n1", "logistics", "The bus stop is over there, the driver waits on the route."),
        NoneExample("n2", "small-talk", "Is the bus late again? That driver never waits at the stop."),
        NoneExample("n3", "interviewer", "Tell me about the garden shed, the pond and the slugs."),
    ),
)  # fmt: skip
TRUST = "We trust each other and keep our promises."
ASKED = ("INT", "interviewer", "What about the garden, the bus, the dinner and the trust here?")


def interviews(n: int = 4, *, topics: Sequence[str] = tuple(TOPICS)) -> tuple[Document, ...]:
    """Return interviews; in each everybody's sentences on all topics stand in turns of their own, then one on trust."""
    made = []
    for number in range(n):
        turns: list[Turn] = [ASKED]
        for topic in topics:
            said = TOPICS[topic]
            turns += [(f"P{number}", "participant", said[(number + step) % len(said)]) for step in range(3)]
        turns += [ASKED, (f"P{number}", "participant", "Yes, exactly."), (f"P{number}", "participant", TRUST)]
        made.append(document(f"d{number}.txt", turns))
    return tuple(made)


def codings_of(documents: Sequence[Document], words: str = TRUST, *, code: str = "T", status: Status = "suggested") -> tuple[Coding, ...]:  # fmt: skip
    """Return a coding of the first place of the words in each document."""
    found = []
    for each in documents:
        at = each.text.find(words)
        if at >= 0:
            found.append(coding_at(each, Span(at, at + len(words)), code, status=status, book=BOOK))
    return tuple(found)


def made_study(documents: Sequence[Document], codings: Sequence[Coding], book: Codebook = BOOK) -> tuple[Study, Corpus]:
    """Return the study of these codings and the corpus, units being sentences."""
    corpus = Corpus.of(documents)
    units = {each.id: corpus.index.unit_spans(each.id, "sentence") for each in documents}
    return study_of(documents, book, codings, units=units, title="Trust"), corpus


def topic_of(text: str) -> str:
    """Return the topic that a sentence belongs to."""
    return next((name for name, said in TOPICS.items() if text in said), "")
