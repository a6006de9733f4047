"""Tests Heimdex's promises about faults on the real services of a team installation: `python -m tests.faults`.

`cluster` starts PostgreSQL, Redis, an S3 server, two web processes, three workers and the schedule, and restarts what
dies. `proxy` cuts, slows and garbles what they say to one another. `client` behaves as real clients do and records
the answers. `auditor` compares that with rows, stored bytes, folders and processes. Every module under
`scenarios` holds one kind of fault; each scenario is a function that returns its figures.
"""
