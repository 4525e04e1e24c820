"""The JSON Schema (draft 2020-12) of codebook files, so that an editor completes keys and marks mistakes."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["codebook_json_schema", "json_schema_text"]


def codebook_json_schema() -> dict[str, Any]:
    """Return the schema as plain data. It allows what YAML 1.2 makes of unquoted words, such as numbers in word lists.

    It says nothing of what only a whole book shows (unknown parents, rules that do not parse): that is
    ``codebook check``.
    """
    from pydantic.json_schema import GenerateJsonSchema

    from qualcode.codebook.schema import BookEntry

    schema = BookEntry.model_json_schema(by_alias=True)
    _without_titles(schema)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": "qualcode codebook",
        **schema,
    }


def json_schema_text() -> str:
    """Return the schema as the text of ``codebooks/schema.json``."""
    return json.dumps(codebook_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _without_titles(schema: Any) -> None:
    """Remove the titles that only repeat a key's name."""
    if isinstance(schema, list):
        for each in schema:
            _without_titles(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            del schema["title"]
        for each in schema.values():
            _without_titles(each)


if __name__ == "__main__":
    import sys

    sys.stdout.write(json_schema_text())
