"""What people decide about what machines suggest: which passages wait, which are decided, where people differ.

Pure: values in, values out. ``project`` writes the decisions down.
"""

from __future__ import annotations
