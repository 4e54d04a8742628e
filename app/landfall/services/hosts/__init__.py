"""Other servers of models: kept, asked, and what they said last."""
