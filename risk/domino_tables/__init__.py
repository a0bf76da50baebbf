"""What played cascades say, as tables: pairs, chains, orders, sizes, origins, enterprises, metrics of the graph."""
