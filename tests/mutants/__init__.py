"""Mutation tests of security controls: each control is switched off in turn, and its test must then fail.

`python -m tests.mutants` runs them all and prints `mutants killed n/n`. A mutant changes a running test process only:
the product has no switch that turns a control off.
"""
