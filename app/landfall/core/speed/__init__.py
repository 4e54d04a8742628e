"""How fast a model runs on a machine: predicted, and calibrated by runs."""
