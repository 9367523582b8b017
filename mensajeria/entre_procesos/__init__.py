"""Este proceso entre los demás: lo que unos saben de otros, por Redis; sin él, basta la memoria."""
