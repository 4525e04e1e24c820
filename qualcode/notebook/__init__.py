"""The notebook face: verbs that take and return values, and results that show themselves."""
