"""Rules: what each operator asks of the hardware."""
