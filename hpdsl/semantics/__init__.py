"""AST to checked model: names, kinds, guards and priors resolved; every finding a diagnostic."""
