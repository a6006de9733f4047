"""Fetching one file from a link that a stranger gave, without being led anywhere but the public internet.

Plain Python around httpcore: knows no Django, no Celery, no settings.
"""
