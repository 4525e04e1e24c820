"""Talk and a codebook to try coders on: ordinary interviews with what people decided in them, and odd documents.

Everything is made up: a town library moves to another house.
"""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.model.codes import Code, Codebook, Example, Examples, Facet, Guidance, Rule, Seeds
from qualcode.model.coding import Coding
from qualcode.model.document import Block, BlockKind, Document, Mark, MarkKind, Role, Span, Speaker, sha256_of

__all__ = ["odd_documents", "one_word", "sample_codebook", "sample_codings", "sample_documents"]

PLAN, HEARD, WORRY = "A1", "A2", "B1"


def sample_codebook(*, rules: bool = True) -> Codebook:
    """Return a codebook: a heading, three codes, and one that was retired though its rule finds many words.

    Args:
        rules: whether the codes have rules and seeds.
    """

    def code(name: str, label: str, definition: str, typical: Sequence[str], *rule: str, **more: str) -> Code:
        return Code(
            name, label, more.get("parent"), definition=definition,
            include=(Guidance(f"Somebody tells of {label.lower()}."),),
            examples=Examples(typical=tuple(map(Example, typical)), near_miss=(Example("The door was painted blue."),)),
            rules=tuple(Rule(f"{name}-{number}", find) for number, find in enumerate(rule, 1)) if rules else (),
            seeds=Seeds(tuple(more["seeds"].split())) if rules else Seeds(),
        )  # fmt: skip

    retired = Code("Z1", "Books", definition="Books, of any kind.", status="retired",
                   rules=(Rule("Z1-1", "book | shelf | we | the"),) if rules else ())  # fmt: skip
    codes = (
        Code("A", "Working as one", codable=False, definition="A heading."),
        code(PLAN, "Planning together", "People plan work together and share it out.",
             ["We planned the move together around one table.", "All of us drew up the list on Monday."],
             "plan NEAR/8 together", "drew up", parent="A", seeds="plan together list"),
        code(HEARD, "Being heard", "People can say what they think, and it counts.",
             ["They asked us first, and they listened.", "What I said was taken up the same week."],
             "listen | listened", '"asked us"', parent="A", seeds="listen ask said"),
        code(WORRY, "Worry about change", "People fear what the change will bring.",
             ["I lay awake over the move.", "We were afraid that half of us would have to go."],
             "afraid | worried | awake", seeds="afraid worry awake"),
        retired,
    )  # fmt: skip
    facets = (Facet("stance", ("present", "absent"), "present"),)
    return Codebook("sample", "1.0", "A library moves", codes, facets=facets, sha256=sha256_of(f"sample {rules}"))


_QUESTIONS = (
    "How did the move begin?",
    "And what was it like for you?",
    "Who had a say in it?",
    "What came after that?",
)
_TALK: tuple[tuple[tuple[str, str], ...], ...] = (
    (
        ("We planned the whole move together, shelf by shelf. It took us a month.", PLAN),
        ("To be honest I was afraid of it. I lay awake most nights.", WORRY),
        ("They asked us first, and they listened to what we said.", HEARD),
        ("It rained on the day. The books stayed dry, more or less.", ""),
    ),
    (
        ("Well, the council wrote a letter. Then nothing happened for a year.", ""),
        ("I was worried about the children's corner. Nobody could tell me where it would go.", WORRY),
        ("The new director came round and listened. She wrote it all down.", HEARD),
        ("So five of us drew up a list and shared out the rooms.", PLAN),
    ),
    (
        ("All of us sat down on a Monday and planned it together, the caretaker too.", PLAN),
        ("The bus stops outside now. My knees like that.", ""),
        ("Nobody listened to the volunteers at first. Later they did.", HEARD),
        ("My mother was afraid that they would close it for good.", WORRY),
    ),
    (
        ("There was a leak in the old roof, so there was no choice.", ""),
        ("We drew up the plans together with the readers' group. That was the best of it.", PLAN),
        ("They asked us what we needed and I said light. We have light.", HEARD),
        ("I am still worried about the winter, with those windows.", WORRY),
    ),
)


def sample_documents() -> tuple[Document, ...]:
    """Return four short interviews: questions, answers, names, laughter."""
    found = []
    for number, answers in enumerate(_TALK, 1):
        turns: list[tuple[str, Role, BlockKind, str]] = [("", "unknown", "heading", f"Interview {number}")]
        for asked, (said, _) in zip(_QUESTIONS, answers, strict=True):
            turns.append(("ANNE", "interviewer", "turn", f"{asked} Were you afraid, or did you plan it together?"))
            turns.append((f"READER {number}", "participant", "turn", said))
        turns.append(("ANNE", "interviewer", "turn", "Thank you for the plans you drew up. [laughter]"))
        found.append(_document(f"library-{number}", turns))
    return tuple(found)


def sample_codings(documents: Sequence[Document], codebook: Codebook) -> tuple[Coding, ...]:
    """Return what a person decided in the sample documents: each answer's first sentence, and one passage rejected."""
    found: list[Coding] = []
    for document, answers in zip(documents, _TALK, strict=True):
        for number, (said, code) in enumerate(answers):
            if code:
                found.append(_coding(document, 2 + 2 * number, said.partition(".")[0] + ".", code, codebook, "coded"))
        plain = next(number for number, (_, code) in enumerate(answers) if not code)
        said = answers[plain][0].partition(".")[0] + "."
        found.append(_coding(document, 2 + 2 * plain, said, WORRY, codebook, "rejected"))
    return tuple(found)


def _coding(document: Document, block: int, quote: str, code: str, codebook: Codebook, status: str) -> Coding:
    start = document.text.index(quote, document.blocks[block].span.start)
    who = document.speaker(document.blocks[block].speaker_ids[0])
    return Coding(
        document.id, document.name, block, who.label, who.role, Span(start, start + len(quote)), quote, code,
        codebook[code].label, "Ann", "", "", None, "present", "coded" if status == "coded" else "rejected", "Ann",
        codebook.id, codebook.version,
    )  # fmt: skip


def one_word() -> Document:
    """Return a document of one word."""
    return _document("one-word", [("P", "participant", "turn", "Together")])


def odd_documents() -> tuple[Document, ...]:
    """Return documents as they come from time to time: empty, without talk, in letters beyond the first plane …"""
    far = "\U0001f9d1\u200d\U0001f3eb \U0001d4b2\U0001d452 said caf\u00e9 and cafe\u0301. "
    words = f"{far}We planned it all together.\r\n{far}They asked us\r\nfirst."
    hebrew = "\u05e9\u05dc\u05d5\u05dd. I was afraid\u2026 [inaudible] and awake\u2014\u2018really\u2019."
    japanese = "\u3053\u3093\u306b\u3061\u306f\u3002 \U0001f600\U0001f600"
    return (
        _document("empty", []),
        _document("no-talk", [
            ("", "unknown", "heading", "We planned it together"),
            ("", "unknown", "note", "I was afraid"),
        ]),
        _document("asked-only", [("ANNE", "interviewer", "turn", "Did you plan it together? Were you afraid?")]),
        _document("no-names", [("", "unknown", "unattributed", "We drew up the list. I was worried, I lay awake.")]),
        _document("far-letters", [
            ("\U0001d538", "participant", "turn", words),
            ("ANNE", "moderator", "turn", f"{far}Who was afraid?"),
            ("\u05d0\u05d1", "participant", "turn", hebrew),
            ("P", "participant", "turn", "[laughter]"),
            ("P", "participant", "turn", japanese),
        ]),
        _document("one-long-turn", [("P", "participant", "turn", "We planned it together, and I was afraid. " * 60)]),
    )  # fmt: skip


_MARKS: dict[str, MarkKind] = {"[laughter]": "laughter", "[inaudible]": "inaudible"}


def _document(name: str, turns: Sequence[tuple[str, Role, BlockKind, str]]) -> Document:
    """Return a document of (label, role, kind, words); a label is written before the words."""
    text = ""
    blocks: list[Block] = []
    marks: list[Mark] = []
    people: dict[str, Speaker] = {}
    for label, role, kind, words in turns:
        if label:
            people.setdefault(label, Speaker(f"s{len(people) + 1}", label, role))
        begin, head = len(text), f"{label}: " if label else ""
        text += head + words
        span = Span(begin, len(text))
        blocks.append(Block(len(blocks), kind, span, (people[label].id,) if label else (),
                            Span(begin, begin + len(head)) if label else None))  # fmt: skip
        for written, what in _MARKS.items():
            if written in words:
                at = begin + len(head) + words.index(written)
                marks.append(Mark(Span(at, at + len(written)), what, written.strip("[]")))
        text += "\n\n"
    digest = sha256_of(text)
    made = Document(name, name, text, digest, f"{name}.txt", digest, "text", "sample", "1",
                    speakers=tuple(people.values()), blocks=tuple(blocks), marks=tuple(marks))  # fmt: skip
    made.check()
    return made
