"""The constants of predicted speed, and the runs that calibrate them."""
