"""The ``llm`` coder: a language model on a server that the user names codes passages, and every quote is verified."""
