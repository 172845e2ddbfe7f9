"""The pages of administration, a module for what belongs together. Each begins at the door, and asks for the right."""
