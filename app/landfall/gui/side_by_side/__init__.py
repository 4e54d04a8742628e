"""The same prompts at several targets beside each other, streamed in columns, and voted on."""
