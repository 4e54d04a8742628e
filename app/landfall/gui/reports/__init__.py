"""The report of a workload or of all, from the window."""
