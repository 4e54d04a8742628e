"""Builds what was asked for, starts it, stops it. Knows everything, and nobody knows it.

`window` is the window's life; `attached` joins it to its pages and to `behind`, what stands behind
it; `selftest` checks an installation.
"""
