"""How the tables came to be, one step a file. A step that was released is never changed."""
