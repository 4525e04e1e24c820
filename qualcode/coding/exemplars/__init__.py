"""The ``exemplars`` coder: how like a passage is to the examples of a code, with the examples and words that count."""
