"""Usage of providers: read from `usage_files`, priced, kept, made into workloads."""
