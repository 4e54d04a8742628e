"""Machines that can be asked about by name."""
