"""Graphs inside nodes: branches taken, loops counted, and the walk through them."""
