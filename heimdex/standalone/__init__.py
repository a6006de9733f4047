"""Commands that make and check Shorts without a server or a database, and the settings they start with."""
