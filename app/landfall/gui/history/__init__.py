"""What the History page is made of: rows, details of a run, export."""
