"""Whether another model does the work as well: metrics, paired gates, votes, priors."""
