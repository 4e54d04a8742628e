"""Adapters that run worked cases through the real engine: they only rename."""
