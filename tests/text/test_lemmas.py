"""Lemmas: hand-checked forms of school talk, the words people say most, and the laws that every query leans on."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qualcode.text import fold, lemmas_of, query_lemma
from qualcode.text.lemmas import corrections
from qualcode.text.nlp import lemma_table

CHECKED = """
worse:bad/worse worst:bad/worst better:good/better does:do leaves:leave/leaf left:leave/left lives:life/live
meeting:meeting/meet met:meet meetings:meeting led:lead leading:lead leads:lead leader:leader leaders:leader
taught:teach teaching:teaching/teach bought:buy brought:bring thought:think/thought ground:ground/grind
found:find/found felt:feel/felt saw:see/saw dying:die lying:lie n't:not ca:can/ca 'll:will 've:have
pupils:pupil children:child governors:governor headteachers:headteacher academies:academy timetabled:timetable
academised:academise phonics:phonics maths:maths data:data criteria:criterion curricula:curriculum series:series
agendas:agenda numbers:number matters:matter developing:develop developed:develop putting:put focussed:focus
practising:practise practices:practice programmes:programme fulfilled:fulfil enrolled:enrol prioritised:prioritise
recognised:recognise halves:half thieves:thief analyses:analysis/analyse diagnoses:diagnosis/diagnose crises:crisis
learnt:learn learned:learn spelt:spell dealt:deal stuck:stick/stuck broken:break/broken worried:worry/worried
marking:marking/mark markings:marking sats:sats ofsted:ofsted nqts:nqt sencos:senco twilights:twilight
themselves:themselves ourselves:ourselves sometimes:sometimes clothes:clothes towards:towards cos:because
swapped:swap bullies:bully planned:plan trialling:trial counselled:counsel coaches:coach boxes:box quizzes:quiz
wellbeing:wellbeing safeguarding:safeguarding/safeguard onboarding:onboarding uniforms:uniform nappies:nappy
"""
"""Form, a colon, and its lemmas, its own first."""

FREQUENT = """
the be i you it and a to that yeah of in he we they is:be was:be do not what have on for know well so no but
this one there got:get oh right with just at like as if she all my mean then think can are:be get now up or
about out me him her his your had:have when she's because go been:be were:be them would said:say say how from
see did:do some which could who going:go really very want back more where time good come two their an will down
off over here something people put by other thing things:thing any much our these those only too lot little way
never always still before again also first last even bit:bit/bite actually though anything everything nothing
somebody someone everybody everyone anybody anyone nobody work working:work/working look looking:look make
making:make take taking:take give giving:give tell telling:tell let feel feeling:feeling/feel felt:feel/felt
need needs:need needed:need try trying:try kind sort sorts:sort maybe probably perhaps obviously basically
definitely quite rather pretty enough than most many few both each every another same different such own new old
big small long year years:year day days:day week weeks:week month months:month school schools:school teacher
teachers:teacher child children:child pupil pupils:pupil kid kids:kid staff class classes:class lesson
lessons:lesson head heads:head parent parents:parent family families:family home house job jobs:job place point
points:point part parts:part side end problem problems:problem question questions:question idea ideas:idea word
words:word example examples:example fact case number numbers:number second seconds:second three four five six
seven eight nine ten hundred thousand once twice next until since while during after against between through
under around away together without within into onto upon towards along across behind yes okay ok:okay mm erm um
er ah hello please thank thanks:thanks/thank sorry hear heard:hear talk talking:talk talked:talk speak ask
asked:ask asking:ask call called:call calling:call/calling start started:start starting:start stop stopped:stop
keep keeping:keep kept:keep leave leaving:leave leaves:leave/leaf left:leave/left move moved:move moving:move
change changed:change changing:change happen happened:happen happening:happen help helped:help
helping:help/helping show showed:show showing:show/showing shown:show
"""
"""The words that are said most in British interviews; one without a colon is its own lemma."""


def table(text: str) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for entry in text.split():
        form, _, lemmas = entry.partition(":")
        found.append((form, tuple(lemmas.split("/")) if lemmas else (form,)))
    return found


@pytest.mark.parametrize(("form", "lemmas"), table(CHECKED))
def test_forms_of_school_talk(form: str, lemmas: tuple[str, ...]) -> None:
    assert lemmas_of(form) == lemmas


def test_the_words_that_are_said_most() -> None:
    assert {form: lemmas_of(form) for form, _ in table(FREQUENT)} == dict(table(FREQUENT))
    assert len(table(FREQUENT)) >= 300


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("lead", "lead leads led leading", "leader leadership"),
        ("meet", "meet meets met meeting", "meetings"),
        ("meeting", "meeting meetings", "meet met"),
        ("leaf", "leaf leaves", "leaving left"),
        ("leave", "leave leaves leaving left", "leaf"),
        ("bad", "bad worse worst", "good"),
        ("TA", "TA TAs ta", "to"),
        ("AI", "AI", "be is are"),
        ("not", "not n't nt", "no"),
        ("number", "number numbers", "numb"),
        ("agenda", "agenda agendas", "agendum"),
        ("training", "training trainings", "train trains trained"),
        ("train", "train trains trained training", "trainer"),
        ("marking", "marking markings", "mark marks marked"),
        ("mark", "mark marks marked marking", "marker"),
        ("do", "do does did done doing", "doe"),
        ("yes", "yes", "yeah"),
        ("no", "no", "not"),
        ("dies", "die dies died dying", "dye"),
        ("NQT", "NQT NQTs", ""),
        ("Twilights", "twilight twilights", ""),
    ],
)
def test_a_word_finds_its_inflections_and_no_other_words(query: str, found: str, not_found: str) -> None:
    wanted = query_lemma(query)
    assert [form for form in found.split() if wanted not in lemmas_of(fold(form))] == []
    assert [form for form in not_found.split() if wanted in lemmas_of(fold(form))] == []


WORDS = st.one_of(
    st.sampled_from(sorted(lemma_table())),
    st.sampled_from(sorted(corrections())),
    st.text("aeioubcdflmnprstyz'", max_size=12),
    st.builds(
        str.__add__, st.sampled_from(sorted(lemma_table())), st.sampled_from(["s", "es", "ed", "ing", "ies", "'s"])
    ),
    st.text(max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(WORDS)
@example("tas")
@example("felled")
@example("brokers")
@example("")
def test_a_word_always_finds_itself_and_asking_twice_is_asking_once(word: str) -> None:
    wanted = query_lemma(word)
    assert wanted in lemmas_of(fold(word))
    assert wanted in lemmas_of(wanted)
    assert query_lemma(wanted) == wanted


def test_the_laws_hold_for_every_form_that_a_table_knows() -> None:
    known = {*lemma_table(), *corrections(), *lemma_table().values()}
    broken = [
        form for form in known
        if query_lemma(form) not in lemmas_of(form) or query_lemma(query_lemma(form)) != query_lemma(form)
    ]  # fmt: skip
    assert broken == []


def test_case_and_apostrophes_do_not_matter_to_a_query() -> None:
    assert query_lemma("LEADS") == query_lemma("Leads") == "lead"
    assert query_lemma("N\u2019T") == "not"


def test_corrections_are_sound() -> None:
    raw = files("qualcode.text").joinpath("lemmas.yaml").read_text("utf-8")
    forms = re.findall(r"^  ('[^']*'|\"[^\"]*\"|[^\s:]+): \[", raw, re.MULTILINE)
    assert len(forms) == len(set(forms)) == len(corrections()), "a form stands there twice"
    assert corrections()["no"] == ("no",), "no is a word, not YAML's false"
    assert all(form == fold(form) and lemmas for form, lemmas in corrections().items())
    strays = {lemma for lemmas in corrections().values() for lemma in lemmas if lemma not in lemmas_of(lemma)}
    assert strays == set(), "a correction leads to a lemma that is not one"


def test_numbers_in_words_are_not_turned_into_digits() -> None:
    assert [lemmas_of(word) for word in ("third", "first", "thirds")] == [("third",), ("first",), ("third",)]


def test_unknown_words_lose_regular_endings_only() -> None:
    assert lemmas_of("hltas") == ("hlta",)
    assert lemmas_of("zoomed") == ("zoom",)
    assert lemmas_of("blorkus") == ("blorkus",)
    assert lemmas_of("ks2") == ("ks2",)
