"""How good a machine's coding is, held against what people coded: measures, intervals, mistakes, rules to mend.

>>> from qualcode.analysis.evaluation.measures import average_precision
>>> round(average_precision([True, False, True, False], [0.9, 0.8, 0.7, 0.1]), 4)
0.8333

Names are loaded when they are first used, so importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.analysis.evaluation.evaluated import Evaluation, evaluate
    from qualcode.analysis.evaluation.held_out import Ranking, Run, run_held_out
    from qualcode.analysis.evaluation.tables import evaluation_table, evaluation_tables

__all__ = ["Evaluation", "Ranking", "Run", "evaluate", "evaluation_table", "evaluation_tables", "run_held_out"]

_HOMES = {
    "Evaluation": "evaluated",
    "Ranking": "held_out",
    "Run": "held_out",
    "evaluate": "evaluated",
    "evaluation_table": "tables",
    "evaluation_tables": "tables",
    "run_held_out": "held_out",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
