"""Clips: cuts of a video that are kept."""
