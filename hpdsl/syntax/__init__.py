"""Text to AST: the only stage that imports lark."""
