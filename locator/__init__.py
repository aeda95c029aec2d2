"""Find the right outlet: data, geometry, hours, and the faces that show them."""
