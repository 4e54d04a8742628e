"""Whether another model does the work as well: sets, metrics, paired gates, judges, priors."""
