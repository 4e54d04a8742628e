"""What is known of a workload, the decision table on it, and how sure the answer is."""
