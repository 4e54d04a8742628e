"""This copy of the program: what it is, what it keeps, and whether there is a newer one."""
