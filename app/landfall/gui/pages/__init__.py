"""One file a page of the sidebar."""
