"""The routing export of the window."""
