"""How an operator sees what runs: logs, metrics, health."""
