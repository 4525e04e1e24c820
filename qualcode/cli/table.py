"""``qualcode table``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qualcode.cli.options import book_option, json_option, project_argument, quiet_option, viewer_option
from qualcode.cli.output import FORMATS, command_line, say, show, show_matrix, show_table, shown, working
from qualcode.model.ledger import SETTLED

if TYPE_CHECKING:
    from qualcode.model.table import Table
    from qualcode.project import Project

__all__ = ["table_command"]

MACHINE = "machine"
"""What the suggestions are called among the coders."""

LEVELS = ("sentence", "passage", "turn", "token", "character", "document")

_SPLIT = ("themes", "matrix", "spread", "facets", "uncoded", "attributes", "keyness", "topics")
"""Tables that take ``--by``."""

_SETTINGS = {
    "level": "level", "coders": "people", "machine": "machine", "pairs": "pairs", "over": "over", "codes": "codes",
    "measures": "measures", "replicates": "replicates", "seed": "seed", "base": "base", "run": "run",
    "minimum": "minimum", "unit": "unit", "order": "order", "limit": "limit", "confidence": "confidence",
    "threshold": "threshold", "adjust": "adjust", "method": "method", "target": "target", "sample": "sample",
    "groups": "groups", "k": "k", "free": "free", "kind": "kind", "pool": "pool",
    "clusters": "clusters", "decided_only": "decided_only",
}  # fmt: skip
"""What the tables call the options that only some of them take."""

_WRITTEN = {
    "coders": "--coder", "machine": "--machine", "codes": "--code", "measures": "--measure", "groups": "--group",
    "decided_only": "--decided-only",
}  # fmt: skip
"""Options that are not written as their parameter is named."""


@click.command("table")
@click.argument("name", metavar="NAME")
@project_argument
@click.option("--by", metavar="ATTRIBUTE",
              help="A table for each value of an attribute, for example ofsted_grade; what 'attributes' and 'keyness' "
              "compare.")  # fmt: skip
@click.option("--facet", metavar="FACET", help="Whose values 'facets' counts; stance if not given.")
@click.option("--long", is_flag=True,
              help="A row for each theme and document of 'matrix', for each passage of 'blindspots'.")  # fmt: skip
@click.option("--level", type=click.Choice(LEVELS), help="What is compared; sentence if not given.")
@click.option("--coder", "coders", multiple=True, metavar="NAME",
              help="A person to compare ('machine': the rules); all if not given. May be given again.")  # fmt: skip
@click.option("--machine/--no-machine", "machine", default=None,
              help="Compare with the machine, too; if not said, only where fewer than two people are.")  # fmt: skip
@click.option("--pairs", is_flag=True, default=None, help="Each two coders by themselves.")
@click.option("--over", type=click.Choice(["each", "all"]), help="Agreement on each code, or on sets of codes.")
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME", help="A measure of agreement. May be given again."
)
@click.option("--code", "codes", multiple=True, metavar="CODE",
              help="Codes that have rows; for 'keyness', the code whose words are compared with the rest.")  # fmt: skip
@click.option(
    "--replicates",
    type=click.IntRange(min=0),
    metavar="N",
    help="Samples drawn for intervals; for agreement, 0 draws none.",
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of chance.")
@click.option("--order", metavar="NAME,…", help="Documents in the order in which they were read; by name if not given.")
@click.option("--base", type=click.IntRange(min=1), metavar="N", help="Interviews that the base of saturation has.")
@click.option("--run", type=click.IntRange(min=1), metavar="N", help="Interviews that a run of saturation has.")
@click.option("--unit", type=click.Choice(LEVELS), help="In what codes stand together; the codebook's if not given.")
@click.option("--minimum", type=click.IntRange(min=0), metavar="N", help="Leave out what is found less often.")
@click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), metavar="P",
              help="Of intervals; 0.95 if not given.")  # fmt: skip
@click.option(
    "--threshold", type=click.FloatRange(0, 1), metavar="K", help="The kappa that rho tests; 0.9 if not given."
)
@click.option(
    "--adjust", type=click.Choice(["bh", "holm", "bonferroni"]), help="How many tests at once are allowed for."
)
@click.option(
    "--method", type=click.Choice(["tuned", "difference", "dsl", "labelled"]), help="How prevalence is reckoned."
)
@click.option("--target", type=click.Choice(["corpus", "population"]),
              help="Whether prevalence is told of these transcripts or of all such.")  # fmt: skip
@click.option("--sample", metavar="ID", help="Which hand-coded sample; the latest if not given.")
@click.option("--group", "groups", multiple=True, metavar="VALUE",
              help="Values of the attribute that keyness compares. May be given again.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Words that are listed.")
@click.option("--k", type=click.IntRange(min=2), metavar="N", help="Topics of the model that 'topics' tells of.")
@click.option("--free", type=click.IntRange(min=0), metavar="N",
              help="In the place of --k: free topics beside one for each code with seed words.")  # fmt: skip
@click.option("--kind", type=click.Choice(["nmf", "lda", "tomotopy"]), help="The method that finds topics.")
@click.option("--pool", type=click.Choice(["run", "question", "window"]), help="How talk is cut for topics.")
@click.option("--clusters", type=click.IntRange(min=2), metavar="N",
              help="Groups that 'blindspots' makes; by the number of passages if not given.")  # fmt: skip
@click.option("--decided-only/--include-suggested", "decided_only", default=None,
              help="For 'blindspots', whether only what people decided counts as touched by a code.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to print.")
@book_option
@viewer_option
@json_option
@quiet_option
def table_command(
    name: str,
    project: Path,
    by: str | None,
    facet: str | None,
    long: bool,
    form: str,
    codebook: str | None,
    person: str | None,
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Print a table of a coded project.

    \b
    NAME is one of
      themes         codings, segments, speakers and documents of each code
      matrix         codes by documents, with counts and a quote each
      spread         in how many documents and speakers, beside the volume
      facets         codes by stance (or another facet)
      uncoded        what share of each document no code touches
      cooccurrence   codes that stand together (--unit, --code, --minimum)
      attributes     codes by an attribute of cases, tested (--by, --code)
      keyness        words typical of groups (--by) or of a code (--code)
      saturation     new codes from interview to interview (--order, --base, --run)
      reading        how much of each code is found by those who read in order
                     (--code, --confidence)
      prevalence     the machine's shares, put right by a hand-coded sample
      agreement      between coders, code by code (--level, --coder, --machine,
                     --pairs, --over, --measure, --code, --replicates, --seed)
      disagreements  each unit on which coders differ (--level, --coder, --code)
      confusions     which codes are taken for which (--level, --coder)
      evaluation     the machine against one --coder, code by code; see 'evaluate'
      classifier     for which codes enough is decided for the classifier to learn
      topics         topics in the talk, or their shares by an attribute
                     (--k or --free, --by, --kind, --pool, --seed, --code)
      blindspots     talk that no code touched, in groups (--clusters, --long,
                     --decided-only, --minimum, --replicates, --seed)
    """
    from qualcode.project import Project
    from qualcode.project.coding import TABLES
    from qualcode.project.tables import OPTIONS, check_name

    names = {*TABLES, *OPTIONS}
    if name not in names and str(project) in names:
        raise click.UsageError(f"The table is named first: {command_line('table', project, name)}")
    if name not in names:
        check_name(name)  # a slip in the name is told before anything is opened
    own = _own_settings(name, settings, OPTIONS)
    _check("--by", by, name, _SPLIT)
    _check("--facet", facet, name, ("facets",))
    _check("--long", long or None, name, ("matrix", "blindspots"))
    if name == "blindspots" and long:
        own["long"] = True
    opened = Project(project, person=person)
    form = "json" if as_json else form
    readable = name == "matrix" and form == "text"
    with working("Counting …", quiet=quiet):
        table = opened.table(
            name, by=by, codebook=codebook, facet=facet or "stance", wide=not long and not readable, **own
        )
    if name == "blindspots" and form == "text" and not long:
        from qualcode.cli.blindspots import show_blindspots

        show_blindspots(table)
    elif readable and by is None:
        show_matrix(table)
    elif readable:
        lead = table.columns[0].name
        for value in dict.fromkeys(table.column(lead)):
            show_matrix(replace(table.filter(**{lead: value}), title=f"{table.title}: {value}"))
            show("")
    else:
        show_table(table, form)
    if name == "agreement" and form == "text":
        _say_whose(opened, table, codebook, quiet=quiet)


def _say_whose(project: Project, table: Table, codebook: str | None, *, quiet: bool) -> None:
    """Say what to know of the coders who are compared: whether they worked through anything, and saw the machine's."""
    held = project.held(codebook)
    marked = {person for person, _, book in held.state.done if book in ("", held.book.id)}
    layers = {each.name.removesuffix(": coded") for each in table.columns if each.name.endswith(": coded")}
    unsaid = sorted({each.layer for each in held.judgements} & layers - marked - {SETTLED})
    if unsaid:
        told = f"{', '.join(map(shown, unsaid))}: nobody noted which documents are worked through, so those in which "
        told += f"something was decided are taken. Note it: {command_line('done', project.folder, 'DOCUMENT')}"
        say(f"note: {told}", quiet=quiet)
    if MACHINE in layers and layers - {MACHINE}:
        say("note: who accepts what the machine suggests agrees with it for that reason. People only: --no-machine",
            quiet=quiet)  # fmt: skip


def _own_settings(name: str, given: Mapping[str, Any], known: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the settings that were given, by the names that the table has for them; another table's are misuse."""
    own: dict[str, Any] = {}
    for parameter, value in given.items():
        setting = _SETTINGS[parameter]
        if value is None or value == ():
            continue
        takers = [table for table, settings in known.items() if setting in settings]
        if parameter == "codes":
            takers += [table for table, settings in known.items() if "code" in settings and table not in takers]
        _check(_WRITTEN.get(parameter, f"--{parameter}"), value, name, takers)
        if parameter == "codes" and setting not in known[name]:
            if len(value) > 1:
                raise click.UsageError(f"The table {name!r} takes one --code.")
            setting, value = "code", value[0]
        elif parameter == "order":
            value = [each.strip() for each in value.split(",") if each.strip()]
        own[setting] = value
    return own


def _check(option: str, value: Any, name: str, takers: Any) -> None:
    if value is not None and name not in takers:
        of = f"it is for: {', '.join(takers)}." if takers else "no table does."
        raise click.UsageError(f"The table {name!r} does not take {option}; {of}")
