"""Statistics for coded material: agreement between coders, saturation, keyness, association, prevalence.

Arrays in, result objects out. Degenerate data never raises and never looks like a good number: a result then has
``status="undefined"`` and a ``reason``. Modules are imported where they are used, so this package costs nothing:

>>> from qualcode.stats.agreement import coefficient
>>> coefficient([[1, 1], [0, 0], [1, 0], [0, 0]], "cohen").value
0.5
"""

from __future__ import annotations
