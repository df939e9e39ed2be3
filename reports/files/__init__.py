"""A published bulletin as files: every one is made from the frozen content alone, so all say the same."""
