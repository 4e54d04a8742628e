"""What is true: values in, values out. No Qt, no I/O, no clock, no threads."""
