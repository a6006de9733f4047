"""The speed table of `make bench`, a row at a time; the package itself is the command."""
