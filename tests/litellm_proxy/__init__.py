"""The exported files in the real LiteLLM proxy, between upstreams that only look like some."""
