"""Do the tests bite? Each control is switched off in turn, and the test that guards it must fail then.

`python -m tests.mutants` runs them all and prints `mutants killed n/n`. A mutant changes a running test process only:
the product has no switch that turns a control off.
"""
