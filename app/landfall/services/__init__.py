"""The world: network, disk, sensors, secrets. asyncio, no Qt."""
