"""When what the councils own falls due for replacement and why, what that costs, and how its replacement is planned.

The arithmetic is in `forecast` and `energy`, without a database; `estate_forecast` puts the same rules to the estate.
"""
