"""What happens before the first request: keys, private files, checks, the sandbox, migrations, the demo."""
