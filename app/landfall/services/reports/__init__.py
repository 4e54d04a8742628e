"""Reports written into files."""
