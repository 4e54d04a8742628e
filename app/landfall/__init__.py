"""Should this workload run here, or in the cloud?"""

__version__ = "0.1.0"
