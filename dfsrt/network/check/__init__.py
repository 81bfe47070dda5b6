"""What a file says of itself: inputs that steer, open sizes, and likely ones."""
