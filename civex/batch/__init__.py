"""Many documents: reading them, extracting resumably, and the tables that the field uses."""
