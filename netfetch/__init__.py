"""Fetches one file from an untrusted link, and connects to the public internet only.

Plain Python around httpcore, without Django, Celery or settings.
"""
