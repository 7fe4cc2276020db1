"""Reading folders, images, tables and arrays as datasets."""
