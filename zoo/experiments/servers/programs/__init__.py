"""Programs that run in the environments of other packages; none of them imports `zoo`."""
