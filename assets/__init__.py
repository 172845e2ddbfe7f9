"""What the councils own, who holds it, and when it is replaced. Stands on servicedesk; only the API stands on it."""
