"""Worked cases: each module here computes some kinds of them with the real engine.

A module exports `KINDS`, kind to function; the function takes the case's `inputs` and returns what
it computes, of which the keys of `expected` are compared.
"""
