"""The same prompts at several models: asked, kept, voted on, exported."""
