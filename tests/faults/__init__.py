"""What Heimdex promises about faults, tried on the real parts a team would run: `python -m tests.faults`.

`cluster` starts PostgreSQL, Redis, an S3 server, two web processes, three workers and the schedule, and restarts what
dies. `proxy` cuts, slows and garbles what they say to one another. `client` behaves as real clients do and remembers
what it was told. `auditor` compares that with rows, stored bytes, folders and processes. Every module under
`scenarios` holds one kind of fault; each scenario is a function that returns its figures.
"""
