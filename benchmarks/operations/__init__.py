"""What an operator asks: the commands `scale`, `moving_out` and `slow_visitors`."""
