"""What tests tell the product's real processes beside its own settings: see `tests.process_settings`, which obeys."""

SETTINGS = "tests.process_settings"  # their DJANGO_SETTINGS_MODULE
KILL_POINTS = "TESTS_KILL_POINTS"  # a folder of orders to die
