"""Keys and tokens: the text that nothing shows, and the stores that keep it."""
