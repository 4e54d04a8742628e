"""The list of hosts, and what each says of itself."""
