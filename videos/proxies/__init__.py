"""Playback proxies: small copies of videos that not every browser plays."""
