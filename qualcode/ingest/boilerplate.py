"""Tell the apparatus of a web page (forms, share bars, navigation, reference lists) from its prose.

Only whole paragraphs are judged, and only ones that nobody is labelled as speaking. Some paragraphs are apparatus on
their own (``Fill in your details below …``); others only beside those (``Print``, ``Email``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["find_boilerplate"]

_ALONE = re.compile(
    r"""(?:
    skip\ to\ (?:main\ |the\ )?(?:content|navigation)
    |fill\ in\ your\ details\ below\ or\ click\ an\ icon\ to\ log\ in\b.*
    |you\ are\ commenting\ using\ your\b.*
    |connecting\ to\ %s|notify\ me\ of\ new\ (?:comments|posts)\ .*|your\ email\ address\ will\ not\ be\ published.*
    |required\ fields\ are\ marked.*|click\ to\ (?:share|print|email)\b.*|like\ loading.*|loading\.\.\.
    |bookmark\ the\ permalink.*|(?:this\ (?:web)?site|we)\ uses?\ cookies\b.*
    |by\ continuing\ to\ (?:use|browse)\b.*cookie.*|accept\ (?:all\ )?cookies
    |forgot(?:ten)?\ (?:your\ )?password\??|enter\ your\ email\ address\b.*
    |(?:subscribe|sign\ up)\ (?:to|for)\ (?:our|the|my|this)\ (?:\w+\ ){0,2}
        (?:newsletter|mailing\ list|blog|updates|emails?)\b.*
    |join\ our\ (?:mailing\ list|newsletter).*
    |copyright\ ?(?:©|\(c\)|\d{4}|by\b).{0,160}|©.{0,160}|\(c\)\ ?\d{4}.{0,160}|all\ rights\ reserved.{0,60}
    |(?:proudly\ )?powered\ by\ \w+.{0,30}|(?:blog|create\ a\ free\ website\ or\ blog)\ at\ wordpress.*
    |meeting\ ?id:?\ .{0,80}|join\ (?:the\ )?(?:zoom|teams)\ meeting.*|passcode:?\ .{0,40}
    )\s*[.:!)]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LINE = re.compile(
    r"""(?:
    leave\ a\ (?:reply|comment)(?:\ cancel\ reply)?|cancel\ reply|post\ (?:a\ )?comment|add\ a\ comment
    |(?:google\+?|twitter|facebook|wordpress\.com)\ (?:photo|picture|logo)
    |\d+\ (?:comments?|responses?|replies)(?:\ (?:on|to)\ .{0,120})?
    |share\ this(?:\ (?:on|via|with)\ .{0,40})?|share\ (?:on|via)\ \w+
    |like\ this|sharing\ is\ caring|tweet\ this|pin\ it
    |follow\ us(?:\ on\ .{0,40})?|(?:posted|published|filed|written)\ (?:by|on|in|under)\b.{0,80}
    |last\ (?:updated|modified)\b.{0,60}|tagged(?:\ with|:)?\ .{0,120}|(?:tags|categories|category):\ .{0,120}
    |(?:related|recent|more|popular)\ (?:posts?|articles?|stories)|you\ (?:may|might)\ also\ like|post\ navigation
    |(?:previous|next|older|newer)\ (?:post|article|page|entry|entries)s?\b.{0,80}|advertisements?|report\ this\ ad
    |cookie\ (?:policy|settings|preferences|notice)|privacy\ (?:policy|notice)|terms\ (?:of\ use|and\ conditions)
    |(?:log|sign)\ ?(?:in|out|up)|(?:log|sign)\ ?in\ (?:to|with|or|/|here)\b.{0,60}
    |remember\ me|create\ (?:an\ )?account
    |session\ information|(?:back\ to|return\ to)\ (?:top|home|search|results)|toggle\ navigation|main\ menu|site\ map
    |breadcrumbs?|page\ \d+(?:\ of\ \d+)?
    )\s*[:)»>]*""",
    re.IGNORECASE | re.VERBOSE,
)
_BESIDE = re.compile(
    r"""(?:home|about(?:\ us)?|contact(?:\ us)?|menu|search|print|e?-?mail|tweet|facebook|twitter|linkedin|google\+?
    |pinterest
    |reddit|tumblr|whatsapp|telegram|pocket|instagram|youtube|rss|share|like|reply|edit|comment|comments|website
    |name\ ?\*?
    |logo|image|photo|blog|news|events|resources|publications|login|logout|more|close|next|previous|symposium|paper
    |abstract\ submitted|change|cancel|submit|post|follow|following|subscribe|archives?|categories|tags|meta
    |uncategorized
    |help
    |accessibility|sitemap|privacy|terms|cookies)
    [\s\d:.!)*|>»›-]*""",
    re.IGNORECASE | re.VERBOSE,
)
_LINKS = re.compile(r"(?:\s|[-*•|,;]|<?(?:https?://|www\.)\S+>?|\[[^\[\]]{1,200}\]\([^()\s]{1,400}\))+")
_COMMENT_FORM = re.compile(r"leave\ a\ (?:reply|comment)\b", re.IGNORECASE | re.VERBOSE)
_FORM_SIGN = re.compile(
    r"fill in your details|commenting using|email address will not be published|cancel reply|post comment",
    re.IGNORECASE,
)
_SESSION = re.compile(r"session information", re.IGNORECASE)
_MEETING = re.compile(r"meeting ?id\b", re.IGNORECASE)
_DOWNLOAD = re.compile(r"download\b.{0,40}(?:from|here)\s*:\Z", re.IGNORECASE)
_POINTER = re.compile(
    r"(?:for (?:more|further) (?:information|details)|see also|further reading|read more|links?)\b.{0,40}:\Z",
    re.IGNORECASE,
)
_SEARCH = re.compile(r"search (?:the|this|our|for)\b[^.?!]{0,60}\Z", re.IGNORECASE)
_REFERENCES = re.compile(
    r"(?:\W|\d)*(?:references?(?: list)?|bibliography|works cited|reference list|literature cited)\W*", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
_ENTRY = re.compile(r"\b[A-Z]\.|https?://|\bpp?\.\s?\d|\bdoi\b|\(\d+\)|\bet al\b|\bEds?\.|: [A-Z]\w+", re.UNICODE)
_LIST_ITEM = re.compile(r"[-*•]\s")
_SIGNATURE = re.compile(r"[^\W\d_a-zà-ÿ][^.?!:;,\n]{1,80}")
_FEWEST_SIGNATURES = 3
_LONG_LINE = 400
_SHORT = 12
_SESSION_REACH = 6


def find_boilerplate(paragraphs: Sequence[str]) -> set[int]:
    """Return the positions of the paragraphs that are a page's apparatus and not its prose; empty for plain prose."""
    found = {at for at, each in enumerate(paragraphs) if _is_alone(each)}
    found |= _comment_form(paragraphs) | _session(paragraphs, found) | _references(paragraphs)
    found |= _after_an_opener(paragraphs, found) | _sign_off(paragraphs, found)
    _spread(paragraphs, found)
    return found


def _is_alone(paragraph: str) -> bool:
    if len(paragraph) > _LONG_LINE:
        return False
    flat = " ".join(paragraph.split())
    if _ALONE.fullmatch(flat) or (_LINE.fullmatch(flat) and not flat.endswith((".", "?", "!"))):
        return True
    return _LINKS.fullmatch(flat) is not None and any(character.isalnum() for character in flat)


def _comment_form(paragraphs: Sequence[str]) -> set[int]:
    for at, each in enumerate(paragraphs):
        if len(each) < _LONG_LINE and _COMMENT_FORM.match(each):
            near = paragraphs[at + 1 : at + 1 + _SESSION_REACH]
            if any(_FORM_SIGN.search(below[:_LONG_LINE]) for below in near):
                # The form is the foot of the page: below it only short lines can follow before real comments do.
                end = at + 1
                while end < len(paragraphs) and not _is_prose(paragraphs[end]):
                    end += 1
                return set(range(at, end))
    return set()


def _is_prose(paragraph: str) -> bool:
    return (
        len(paragraph.split()) > _SHORT and not _is_alone(paragraph) and not _FORM_SIGN.search(paragraph[:_LONG_LINE])
    )


def _session(paragraphs: Sequence[str], found: set[int]) -> set[int]:
    # A conference programme: everything from its heading to the data for joining the meeting.
    more: set[int] = set()
    for at in sorted(found):
        if _SESSION.match(paragraphs[at]):
            for reach in range(1, _SESSION_REACH):
                if at + reach < len(paragraphs) and _MEETING.match(paragraphs[at + reach]):
                    more.update(range(at, at + reach + 1))
    return more


def _references(paragraphs: Sequence[str]) -> set[int]:
    heads = [at for at, each in enumerate(paragraphs) if len(each) < _LONG_LINE and _REFERENCES.fullmatch(each)]
    found: set[int] = set()
    for head in heads:
        end = head + 1
        while end < len(paragraphs) and _is_entry(paragraphs[end]):
            end += 1
        if end > head + 1:
            found.update(range(head, end))
    return found


def _is_entry(paragraph: str) -> bool:
    return _YEAR.search(paragraph) is not None and _ENTRY.search(paragraph) is not None


def _after_an_opener(paragraphs: Sequence[str], apparatus: set[int]) -> set[int]:
    """Return openers with what they announce: a file under "Download … from:", links, tips under "Search the …"."""
    found: set[int] = set()
    for at, each in enumerate(paragraphs):
        if len(each) > _LONG_LINE:
            continue
        if _DOWNLOAD.match(each) and at + 1 < len(paragraphs) and len(paragraphs[at + 1].split()) <= _SHORT:
            found |= {at, at + 1}
        if _POINTER.match(each) and at + 1 in apparatus:
            found.add(at)
        if _SEARCH.match(each):
            end = at + 1
            while end < len(paragraphs) and _LIST_ITEM.match(paragraphs[end]):
                end += 1
            if end > at + 1:
                found.update(range(at, end))
    return found


def _sign_off(paragraphs: Sequence[str], apparatus: set[int]) -> set[int]:
    """Return the names and dates that close a report: three or more short lines in title case after its prose."""
    end = len(paragraphs)
    while end and end - 1 in apparatus:
        end -= 1
    start = end
    while start and _SIGNATURE.fullmatch(paragraphs[start - 1].strip()):
        start -= 1
    lines = end - start
    return set(range(start, end)) if lines >= _FEWEST_SIGNATURES and lines * 4 <= end else set()


def _spread(paragraphs: Sequence[str], found: set[int]) -> None:
    """Add the words that are apparatus only beside apparatus, as far as they reach in both directions."""
    for step in (1, -1):
        for at in sorted(found, reverse=step < 0):
            beside = at + step
            while 0 <= beside < len(paragraphs) and beside not in found and _is_beside(paragraphs[beside]):
                found.add(beside)
                beside += step


def _is_beside(paragraph: str) -> bool:
    return len(paragraph) < _LONG_LINE and _BESIDE.fullmatch(" ".join(paragraph.split())) is not None
