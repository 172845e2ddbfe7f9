"""Settings, addresses and the template environment. Nobody imports it but Django itself."""
