"""How much work there is and whether a machine keeps up: forecasts, queues, load."""
