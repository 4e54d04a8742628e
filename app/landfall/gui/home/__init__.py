"""What Home is made of: the machine in a line, workloads, the bill, what is missing."""
