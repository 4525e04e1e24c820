"""Agreement between coders: coefficients, a panel for each code, bootstrap intervals, spans and boundaries.

>>> import qualcode.stats.agreement as ag
>>> round(ag.coefficient([["yes", "yes"], ["no", "no"], ["yes", "no"], [None, "no"]], "krippendorff").value, 4)
0.4444

Names are loaded when they are first used, so importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.stats.agreement.analytic import analytic_interval
    from qualcode.stats.agreement.boundaries import (
        boundary_similarity,
        mean_pairwise,
        pk,
        segmentation_kappa,
        segmentation_pi,
        segmentation_similarity,
        window_diff,
    )
    from qualcode.stats.agreement.coefficients import coefficient
    from qualcode.stats.agreement.panel import (
        Panel,
        PanelSet,
        agreement_panel,
        agreement_panels,
        jaccard_overlap,
        negative_agreement,
        positive_agreement,
    )
    from qualcode.stats.agreement.resample import bootstrap
    from qualcode.stats.agreement.result import Agreement, Interval
    from qualcode.stats.agreement.rho import Rho, rho_of_kappa, shaffer_rho
    from qualcode.stats.agreement.spans import UAlpha, alpha_u, u_alpha

__all__ = [
    "Agreement",
    "Interval",
    "Panel",
    "PanelSet",
    "Rho",
    "UAlpha",
    "agreement_panel",
    "agreement_panels",
    "alpha_u",
    "analytic_interval",
    "bootstrap",
    "boundary_similarity",
    "coefficient",
    "jaccard_overlap",
    "mean_pairwise",
    "negative_agreement",
    "pk",
    "positive_agreement",
    "rho_of_kappa",
    "segmentation_kappa",
    "segmentation_pi",
    "segmentation_similarity",
    "shaffer_rho",
    "u_alpha",
    "window_diff",
]

_HOMES = {
    "Agreement": "result",
    "Interval": "result",
    "Panel": "panel",
    "PanelSet": "panel",
    "Rho": "rho",
    "UAlpha": "spans",
    "agreement_panel": "panel",
    "agreement_panels": "panel",
    "alpha_u": "spans",
    "analytic_interval": "analytic",
    "bootstrap": "resample",
    "boundary_similarity": "boundaries",
    "coefficient": "coefficients",
    "jaccard_overlap": "panel",
    "mean_pairwise": "boundaries",
    "negative_agreement": "panel",
    "pk": "boundaries",
    "positive_agreement": "panel",
    "rho_of_kappa": "rho",
    "segmentation_kappa": "boundaries",
    "segmentation_pi": "boundaries",
    "segmentation_similarity": "boundaries",
    "shaffer_rho": "rho",
    "u_alpha": "spans",
    "window_diff": "boundaries",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
