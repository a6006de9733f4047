"""One module for each kind of fault; every scenario is a function from a stage to its figures."""
