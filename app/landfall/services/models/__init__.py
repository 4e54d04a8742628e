"""Models from wherever they are: catalogue, store, registry, Hub."""
