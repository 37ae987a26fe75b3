"""The sampling and encoding graph: statements that fill columns, under guards."""
