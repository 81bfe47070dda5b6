"""The fuzzing room: every reader of files on damaged and hostile input, ``make fuzz``."""
