"""Repeatable measurements, a folder for each subject; what several of them need lies beside the folders."""
