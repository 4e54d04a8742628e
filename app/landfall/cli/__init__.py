"""The command line: one module a noun, no Qt.

Each command's module has `NAME`, `HELP`, `add_arguments(parser)` and
`async run(args, session) -> exit code`; a module with several commands has `COMMANDS`.
"""
