"""What is measured on purpose: plans, results, and whether two of them differ."""
