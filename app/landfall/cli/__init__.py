"""The command line: one module a noun, no Qt.

Each command module has `COMMANDS: tuple[Command, ...]`; `main` finds them by name and imports
only the one that is asked for.
"""
