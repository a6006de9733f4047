"""Plain Python around ffmpeg and ffprobe: probe, cut, reframe, caption, measure, verify.

Knows nothing of Django, of Celery or of settings: every value arrives as an argument.
"""
