"""One module for each kind of fault; every scenario is a function of a cluster setup to its figures."""
