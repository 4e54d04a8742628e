"""Builds what was asked for, starts it, stops it. Knows everything, and nobody knows it.

`window` is the window's life; `attached` joins it to its pages and to `behind`, what stands behind
it, `about_side` to what says which program this is, `opened_files` to files that are to be opened;
`selftest` checks an installation.
"""
