"""The ``rules`` coder."""
