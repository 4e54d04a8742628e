"""Hostile input for every parser: `PYTHONPATH=app:. python -m tests.fuzz --minutes 60`.

`parsers` names them, `seeds` has whole inputs, `spoiling` changes these, `hunt` reads one after
another in a process of its own. What was found stands in `test_parsers`. A new parser is one entry.
"""
