"""How dfsrt builds networks: recipes by name, nodes with names, weights with shapes alone."""
