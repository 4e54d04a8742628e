"""Tests of the quality gate run on the user's own prompts."""
