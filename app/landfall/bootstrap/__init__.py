"""Builds what was asked for, starts it, stops it. Knows everything, and nobody knows it.

`window` opens the window, or says why not and shows the first minute in the terminal; `behind` holds
what stands behind the window; `pages` makes its pages; `selftest` checks an installation.
"""
