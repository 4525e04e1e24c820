"""A spaCy model upgrades lemmas and tags, word by word in its context; nothing is ever downloaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from qualcode.errors import MissingExtraError, TokenIndexError
from qualcode.model.codes import Code, Codebook, Rule
from qualcode.project.oneway import run
from qualcode.query import evaluate
from qualcode.text import TokenIndex
from tests.builders import document


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small pipeline made here: "leaves" is a noun after "the", a verb otherwise."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": "leaves"}]], {"LEMMA": "leave", "TAG": "VBZ"})
    ruler.add([[{"LOWER": "the"}, {"LOWER": "leaves"}]], {"LEMMA": "leaf", "TAG": "NNS"}, index=1)
    nlp.meta.update(name="made", version="1.2.3")
    folder = tmp_path_factory.mktemp("model") / "made"
    nlp.to_disk(folder)
    return str(folder)


TEXT = "She leaves [laughter] when the leaves fall. Leaves, leading."


def hits(index: TokenIndex, query: str) -> list[str]:
    found = evaluate(query, index)
    said = "P: " + TEXT
    return [said[start - 4 : end + 1] for start, end in zip(found.start.tolist(), found.end.tolist(), strict=True)]


def test_lemmas_follow_the_context_where_a_model_is_named(model: str) -> None:
    documents = [document("a", [("P", "participant", TEXT)])]
    plain, read = TokenIndex.build(documents), TokenIndex.build(documents, model=model)
    assert len(hits(plain, "leaf")) == len(hits(plain, "leave")) == 3
    assert hits(read, "leaf") == ["the leaves "]
    assert hits(read, "leave") == ["She leaves ", "ll. Leaves,"]


def test_words_that_the_model_leaves_without_a_lemma_keep_that_of_the_tables(model: str) -> None:
    read = TokenIndex.build([document("a", [("P", "participant", TEXT)])], model=model)
    assert len(hits(read, "lead")) == 1
    assert len(hits(read, '"leaves"')) == len(hits(read, "leav*")) == 3


def test_token_rules_see_the_tags(model: str) -> None:
    from qualcode.coding import Corpus, RulesCoder

    codes = (Code(id="N", label="N", rules=(Rule("N-1", tokens=({"TAG": "NNS"},)),)),)
    corpus = Corpus.of([document("a", [("P", "participant", TEXT)])], model=model)
    found = RulesCoder(Codebook(id="t", version="1", title="t", codes=codes)).suggest(corpus)
    assert [each.quote for each in found] == ["She leaves [laughter] when the leaves fall."]


def test_a_stored_index_knows_its_model_and_is_made_again_for_another(model: str, tmp_path: Path) -> None:
    documents = [document("a", [("P", "participant", TEXT)])]
    TokenIndex.refresh(tmp_path / "index", documents, model=model)
    assert hits(TokenIndex.open(tmp_path / "index", model=model), "leaf") == ["the leaves "]
    with pytest.raises(TokenIndexError, match="QC-X002"):
        TokenIndex.open(tmp_path / "index")
    assert len(hits(TokenIndex.refresh(tmp_path / "index", documents), "leaf")) == 3


def test_a_model_that_is_not_there_is_refused_and_nothing_is_downloaded() -> None:
    with pytest.raises(MissingExtraError, match="QC-M001"):
        TokenIndex.build([document("a", [("P", "participant", TEXT)])], model="en_core_web_nowhere")


def test_the_report_names_the_model(model: str, tmp_path: Path) -> None:
    transcript = tmp_path / "a.txt"
    transcript.write_text("Q: And then?\n\nP: The leaves fall.\n\nQ: Why?\n\nP: She leaves.\n", encoding="utf-8")
    book = Codebook(id="t", version="1", title="t", codes=(Code(id="L", label="Leaf", rules=(Rule("L-1", "leaf"),)),))
    done = run([transcript], book, tmp_path / "out", model=model)
    assert [each.evidence for each in done.coded.codings] == ["leaves"]
    assert "spaCy model en_made 1.2.3" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
