"""Shapes: of every tensor, from the inputs on, and what follows from constants."""
