"""What the Workloads page is made of: list, verdict, evidence, editor."""
