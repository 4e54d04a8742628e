"""A report on verdicts: what it says, as values, before any format."""
