"""The past in one SQLite file: its tables, its versions, and what goes in and out."""
