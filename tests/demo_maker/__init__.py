"""The maker of the demo talk that `demo/` ships: `python -m tests.demo_maker` draws it again."""
