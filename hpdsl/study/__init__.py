"""Studies: evaluate a user's objective under a backend, and keep every trial where a killed run can go on."""
