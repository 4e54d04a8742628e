"""The hosts on the Machine page, their dialog, and Models and Run on one of them."""
