"""What was used at providers: rows, sums, the bill, and the workloads in it."""
