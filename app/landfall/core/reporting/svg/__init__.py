"""A report's charts as small SVG texts. Pure; the same values as those of the window's charts."""
