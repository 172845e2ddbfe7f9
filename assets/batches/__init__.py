"""The refresh as it is done: programmes and their budgets, batches from choice to closure, appointments and swaps."""
