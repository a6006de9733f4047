"""Batches: several exports that were asked for together."""
