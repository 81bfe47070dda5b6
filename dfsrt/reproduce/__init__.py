"""Published experiments, run again on a simulated device."""
