"""Life: how long a battery lasts, how hot a device gets, and where the energy goes."""

from dfsrt.run.life_job import BatteryJob, BatteryRun

__all__ = ["BatteryJob", "BatteryRun"]
