"""From readings of power to joules, and whose they are."""
