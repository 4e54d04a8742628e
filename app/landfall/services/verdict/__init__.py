"""Workloads of the user, and what is gathered to decide on them."""
