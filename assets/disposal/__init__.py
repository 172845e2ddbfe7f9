"""How what the councils no longer need leaves them: brought back, wiped, handed to a firm, and accounted for."""
