"""Measurements that anybody can repeat; each file is a command of its own."""
